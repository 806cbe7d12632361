import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gunzipSync, gzipSync } from "node:zlib";
import { createPageRoute } from "../../lib/web/serve-page.ts";
import { createFolder } from "../harness/program.ts";

const authorityOrigin = "https://login.microsoftonline.com";
const script = "export const answer = 42;".repeat(20);

/** A built page in small. */
function buildPage(): string {
  const folder = createFolder();
  mkdirSync(join(folder, "assets"));
  const files = { "index.html": "<!doctype html>", "assets/main-abc.js": script };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
    writeFileSync(join(folder, `${name}.gz`), gzipSync(text));
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(text));
  }
  const codingsOf = (name: string) => ({ identity: name, gzip: `${name}.gz`, br: `${name}.br` });
  const manifest = {
    "/": { type: "text/html", hash: "h1", isImmutable: false, codings: codingsOf("index.html") },
    "/assets/main-abc.js": {
      type: "text/javascript",
      hash: "h2",
      isImmutable: true,
      codings: codingsOf("assets/main-abc.js"),
    },
  };
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
  return folder;
}

const folder = buildPage();

function ask(path: string, init: RequestInit = {}, origin: string | undefined = authorityOrigin) {
  const answerPage = createPageRoute({ authorityOrigin: origin, folder });
  return answerPage(new Request(`http://localhost${path}`, init), path);
}

function directivesOf(response: Response | undefined): Record<string, string> {
  const policy = response?.headers.get("content-security-policy") ?? "";
  const pairs = policy.split("; ").map((directive) => directive.split(/ (.*)/));
  return Object.fromEntries(pairs.map(([name = "", value = ""]) => [name, value]));
}

describe("the headers of the page", () => {
  test.each(["/", "/assets/main-abc.js"])("%s may load, run and ask nothing but what is named", (path) => {
    expect(directivesOf(ask(path))).toEqual({
      "default-src": "'none'",
      "script-src": "'self'",
      "style-src": "'self'",
      "connect-src": `'self' ${authorityOrigin}`,
      "img-src": "'self' data:",
      "base-uri": "'none'",
      "form-action": "'none'",
      "frame-ancestors": "'none'",
      "require-trusted-types-for": "'script'",
      "trusted-types": "'none'",
    });
  });

  test("without signing in it asks this server alone", () => {
    const answerPage = createPageRoute({ authorityOrigin: undefined, folder });
    expect(directivesOf(answerPage(new Request("http://localhost/"), "/"))["connect-src"]).toBe("'self'");
  });

  test.each([
    ["x-content-type-options", "nosniff"],
    ["x-frame-options", "DENY"],
    ["referrer-policy", "no-referrer"],
    ["cross-origin-opener-policy", "same-origin-allow-popups"],
    ["cross-origin-resource-policy", "same-origin"],
  ])("%s is %s", (name, value) => {
    expect(ask("/")?.headers.get(name)).toBe(value);
  });

  test("what has its hash in its name is kept for ever, and the document is asked for each time", () => {
    expect(ask("/")?.headers.get("cache-control")).toBe("no-cache");
    expect(ask("/assets/main-abc.js")?.headers.get("cache-control")).toBe(
      "public, max-age=31536000, immutable",
    );
  });
});

describe("the content of the page", () => {
  test.each([
    [null, "identity"],
    ["", "identity"],
    ["gzip, deflate, br, zstd", "br"],
    ["gzip", "gzip"],
    ["x-gzip", "gzip"],
    ["br;q=0.5, gzip", "gzip"],
    ["br;q=0, *", "gzip"],
    ["gzip;q=0", "identity"],
    ["*", "br"],
    ["identity, gzip;q=0.5", "identity"],
    ["zstd", "identity"],
    ["br;q=nonsense", "identity"],
  ])("for Accept-Encoding %j comes as %s", (header, coding) => {
    const answer = ask(
      "/assets/main-abc.js",
      header === null ? {} : { headers: { "accept-encoding": header } },
    );
    expect(answer?.headers.get("content-encoding")).toBe(coding === "identity" ? null : coding);
    expect(answer?.headers.get("etag")).toBe(`"h2-${coding}"`);
    expect(answer?.headers.get("vary")).toBe("accept-encoding");
  });

  test("is the same in every coding", async () => {
    const plain = await ask("/assets/main-abc.js")?.text();
    const packed = await ask("/assets/main-abc.js", { headers: { "accept-encoding": "gzip" } })?.bytes();
    expect(plain).toBe(script);
    expect(gunzipSync(packed ?? new Uint8Array()).toString()).toBe(script);
  });

  test.each(['"h1-br"', 'W/"h1-br"', '"other", "h1-br"', "*"])(
    "is not sent again to who has it: %s",
    async (tag) => {
      const headers = { "accept-encoding": "br", "if-none-match": tag };
      const answer = ask("/", { headers });
      expect([answer?.status, await answer?.text()]).toEqual([304, ""]);
      expect(answer?.headers.get("content-security-policy")).not.toBeNull();
    },
  );

  test("is sent to who has another coding or content", () => {
    const headers = { "accept-encoding": "br", "if-none-match": '"h1-gzip"' };
    expect(ask("/", { headers })?.status).toBe(200);
  });

  test.each(["POST", "PUT", "DELETE", "OPTIONS"])("is not for %s", (method) => {
    const answer = ask("/", { method });
    expect([answer?.status, answer?.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });

  test.each([
    "/index.html",
    "/manifest.json",
    "/assets",
    "/assets/../manifest.json",
    "constructor",
    "/__proto__",
  ])("is nothing at %s", (path) => {
    expect(
      createPageRoute({ authorityOrigin, folder })(new Request("http://localhost/"), path),
    ).toBeUndefined();
  });
});

test("nothing is read before somebody asks", () => {
  const answerPage = createPageRoute({ authorityOrigin, folder: join(folder, "missing") });
  expect(answerPage(new Request("http://localhost/mcp"), "/mcp")).toBeUndefined();
  expect(() => answerPage(new Request("http://localhost/"), "/")).toThrow("ENOENT");
});
