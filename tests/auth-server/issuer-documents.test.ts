import { afterEach, describe, expect, spyOn, test } from "bun:test";
import { fetchJson, keysUnavailable } from "../../lib/auth/server/fetch-json.ts";
import { resolveTenant } from "../../lib/auth/server/resolve-tenant.ts";
import type { AppError } from "../../lib/base/errors.ts";
import { hasOpenssl, makeCertificate } from "../harness/certificates.ts";

const tenantId = "11111111-2222-3333-4444-555555555555";
const servers: Bun.Server<undefined>[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop(true);
});

/** An issuer that gives one answer. */
function serve(answer: (request: Request, origin: string) => Response): string {
  const server: Bun.Server<undefined> = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request): Response => answer(request, `http://127.0.0.1:${server.port}`),
  });
  servers.push(server);
  return `http://127.0.0.1:${server.port}`;
}

const errorOf = (promise: Promise<unknown>) =>
  promise.then(() => undefined).catch((error: AppError) => error);

describe("a document of the issuer", () => {
  test("is read as JSON, whatever its media type", async () => {
    expect(
      await fetchJson(
        serve(() => new Response('{"a":"\u00e9"}')),
        5000,
      ),
    ).toEqual({ a: "\u00e9" });
  });

  test.each([
    ["an error with JSON", () => Response.json({ keys: [] }, { status: 404 }), /status 404$/],
    [
      "512 KiB and one byte",
      () => new Response(`"${"x".repeat(512 * 1024 - 1)}"`),
      /more than 524288 bytes$/,
    ],
    ["no JSON", () => new Response("<html>"), /JSON/],
    ["nothing", () => new Response(null), /./],
  ])("that is %s makes keys_unavailable, with the reason for the log", async (_, answer, detail) => {
    const error = await errorOf(fetchJson(serve(answer), 5000));
    expect(error).toMatchObject({ code: "keys_unavailable", retryAfterSeconds: 1 });
    expect(error?.detail).toMatch(detail);
    expect(error?.message).not.toContain("127.0.0.1");
  });

  test("is asked for once: who asks again, and when, is the key store's matter", async () => {
    let requests = 0;
    const origin = serve(() => new Response(null, { status: 500 + requests++ }));
    expect(await errorOf(fetchJson(origin, 5000))).toMatchObject({ detail: `${origin}: status 500` });
    expect(requests).toBe(1);
  });

  test("that is missing says when to come again: in a second where nothing else is known", () => {
    expect(keysUnavailable("why")).toMatchObject({
      code: "keys_unavailable",
      detail: "why",
      retryAfterSeconds: 1,
    });
    const cause = new Error("cause");
    expect(keysUnavailable("why", { retryAfterSeconds: 300, cause })).toMatchObject({
      retryAfterSeconds: 300,
      cause,
    });
  });

  test("that does not come within 5 s makes keys_unavailable", async () => {
    const limit = new AbortController();
    const timeout = spyOn(AbortSignal, "timeout").mockImplementation(() => limit.signal);
    const origin = serve(() => {
      limit.abort(new DOMException("The operation timed out.", "TimeoutError"));
      return new Response(new ReadableStream());
    });
    expect(await errorOf(fetchJson(origin, 5000))).toMatchObject({ code: "keys_unavailable" });
    expect(timeout).toHaveBeenCalledWith(5000);
    timeout.mockRestore();
  });

  test("may have 512 KiB", async () => {
    const text = "x".repeat(512 * 1024 - 2);
    expect(
      await fetchJson(
        serve(() => new Response(`"${text}"`)),
        5000,
      ),
    ).toBe(text);
  });

  test("is not fetched from where a redirect points", async () => {
    const paths: string[] = [];
    const origin = serve((request) => {
      const { pathname } = new URL(request.url);
      paths.push(pathname);
      return pathname === "/keys" ? Response.redirect("/elsewhere", 302) : Response.json({});
    });
    expect(await errorOf(fetchJson(`${origin}/keys`, 5000))).toMatchObject({ code: "keys_unavailable" });
    expect(paths).toEqual(["/keys"]);
  });
});

describe("what an issuer answers in the place of a document", () => {
  test.each([
    ["a page", "<html>", "text/html; charset=utf-8", 'not JSON but "text/html; charset=utf-8"'],
    ["a text that looks like a secret", "eyJhbGciOi", "text/plain", 'not JSON but "text/plain"'],
    ["escapes for a terminal", "\u001b[31mred", "text/plain", 'not JSON but "text/plain"'],
  ])("is not repeated in the log: %s", async (_, body, type, detail) => {
    const origin = serve(() => new Response(body, { headers: { "content-type": type } }));
    expect(await errorOf(fetchJson(origin, 5000))).toMatchObject({ detail: `${origin}: ${detail}` });
  });

  test("is cut where it is a very long type", async () => {
    const origin = serve(() => new Response("", { headers: { "content-type": "x".repeat(1000) } }));
    expect((await errorOf(fetchJson(origin, 5000)))?.detail?.length).toBeLessThan(200);
  });
});

describe("an issuer without a certificate that anybody vouches for", () => {
  afterEach(() => {
    delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
  });

  test.skipIf(!hasOpenssl)(
    "gives no keys, also where the environment says that certificates do not matter (needs openssl)",
    async () => {
      const { key, certificate: cert } = makeCertificate({ names: "DNS:localhost,IP:127.0.0.1" });
      const server = Bun.serve({
        port: 0,
        hostname: "127.0.0.1",
        tls: { key, cert },
        fetch: () => Response.json({ keys: [] }),
      });
      servers.push(server);
      process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
      const url = `https://127.0.0.1:${server.port}/keys`;
      expect((await fetch(url)).status).toBe(200);
      expect(await errorOf(fetchJson(url, 5000))).toMatchObject({
        code: "keys_unavailable",
        detail: `${url}: self signed certificate`,
      });
    },
  );
});

describe("a tenant", () => {
  test.each([
    ["its GUID", (origin: string) => `${origin}/${tenantId}/v2.0`, tenantId],
    ["its GUID in upper case", (origin: string) => `${origin}/${tenantId.toUpperCase()}/v2.0`, tenantId],
    ["a placeholder", (origin: string) => `${origin}/{tenantid}/v2.0`, "keys_unavailable"],
    ["another cloud", () => `https://login.microsoftonline.com/${tenantId}/v2.0`, "keys_unavailable"],
    [
      "another host of the same length",
      (origin: string) => `${origin.replace("127.0.0.1", "127.0.0.9")}/${tenantId}/v2.0`,
      "keys_unavailable",
    ],
    ["a host that only begins alike", (origin: string) => `${origin}.evil/${tenantId}`, "keys_unavailable"],
    ["a number", () => 7, "keys_unavailable"],
    ["nothing", () => undefined, "keys_unavailable"],
  ])("given as a domain is who the issuer says: %s", async (_, issuerOf, outcome) => {
    const origin = serve((request, own) =>
      new URL(request.url).pathname === "/contoso.com/v2.0/.well-known/openid-configuration"
        ? Response.json({ issuer: issuerOf(own) })
        : new Response(null, { status: 404 }),
    );
    const cloud = { loginUrl: origin, stsUrl: origin };
    const resolved = await resolveTenant(cloud, "contoso.com", 5000).catch((error: AppError) => error.code);
    expect(resolved).toBe(outcome);
  });
});
