import { describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AppError } from "../../lib/base/errors.ts";
import { findServer, type ListedServer } from "../../lib/config/mcp-json.ts";
import { doesMoreThanTalk, readServerEntry } from "../../lib/config/server-entry.ts";

function createFolders(inFolder?: unknown, inHome?: unknown) {
  const folder = mkdtempSync(join(tmpdir(), "mcp-entra-folder-"));
  const home = mkdtempSync(join(tmpdir(), "mcp-entra-home-"));
  mkdirSync(join(home, "mcp-entra"));
  const write = (path: string, value: unknown) =>
    value === undefined
      ? undefined
      : writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value));
  write(join(folder, "mcp.json"), inFolder);
  write(join(home, "mcp-entra", "mcp.json"), inHome);
  return { named: undefined, folder, environment: { XDG_CONFIG_HOME: home } };
}

function errorOf(work: () => unknown): AppError {
  try {
    work();
  } catch (error) {
    return error as AppError;
  }
  throw new Error("It was expected to fail.");
}

const listOf = (...names: string[]) => ({
  mcpServers: Object.fromEntries(names.map((name) => [name, { url: `https://${name}.example/mcp` }])),
});

describe("a server is found by its name", () => {
  test("in ./mcp.json, which nobody named, and then in the user's config folder", () => {
    const lookup = createFolders(listOf("here", "both"), listOf("there", "both"));
    expect(findServer("here", lookup)).toMatchObject({ shownPath: "./mcp.json", isFromFolder: true });
    expect(findServer("both", lookup).isFromFolder).toBe(true);
    expect(findServer("there", lookup).isFromFolder).toBe(false);
  });

  test("in the file that was named, and nowhere else", () => {
    const lookup = createFolders(listOf("here"), listOf("there"));
    writeFileSync(join(lookup.folder, "mine.json"), JSON.stringify(listOf("mine")));
    const named = { ...lookup, named: "mine.json" };
    expect(findServer("mine", named)).toMatchObject({ shownPath: "mine.json", isFromFolder: false });
    expect(errorOf(() => findServer("here", named)).code).toBe("usage");
    // Somebody named it, so it is trusted, wherever it lies.
    expect(findServer("here", { ...lookup, named: "./mcp.json" }).isFromFolder).toBe(false);
  });

  test("or its nearest neighbour is named", () => {
    const lookup = createFolders(listOf("github"), listOf("weather"));
    expect(errorOf(() => findServer("wether", lookup)).message).toContain('Did you mean "weather"?');
    expect(errorOf(() => findServer("toString", lookup)).code).toBe("usage");
    expect(errorOf(() => findServer("x", createFolders())).message).toContain("There is no mcp.json");
  });

  test.each([["{"], ["[]"], ['{"servers": {}}'], ['{"mcpServers": []}']])("not in %s", (text) => {
    expect(errorOf(() => findServer("x", createFolders(text))).code).toBe("invalid_config");
  });
});

function listed(entry: Record<string, unknown>): ListedServer {
  return { name: "it", entry, path: "/somewhere/mcp.json", shownPath: "./mcp.json", isFromFolder: true };
}
const environment = { TOKEN: "t0ken", WORD: "word", EMPTY: "" };
const read = (entry: Record<string, unknown>) => readServerEntry(listed(entry), environment);

describe("an entry", () => {
  test("is a command with arguments, variables and a folder", () => {
    const entry = {
      type: "stdio",
      command: "${WORD}",
      args: ["a ${WORD}", "${MISSING:-fall back}", "$WORD", "${EMPTY:-e}"],
      env: { KEY: "${TOKEN}" },
      cwd: "sub",
    };
    expect(read(entry)).toEqual({
      kind: "command",
      command: "word",
      args: ["a word", "fall back", "$WORD", "e"],
      environment: { KEY: "t0ken" },
      folder: "/somewhere/sub",
    });
    expect(read({ command: "x" })).toEqual({ kind: "command", command: "x", args: [], environment: {} });
  });

  test.each([undefined, "http", "streamable-http"])("is an address with headers (%p)", (type) => {
    const headers = { "X-Key": "plain ${WORD}", authorization: "Bearer ${TOKEN}" };
    expect(read({ url: "https://${WORD}.example/mcp", type, headers })).toEqual({
      kind: "http",
      url: "https://word.example/mcp",
      headers: { others: { "x-key": "plain word" }, authorization: "Bearer t0ken" },
      hasSecrets: true,
    });
  });

  test.each([
    ["neither command nor url", {}],
    ["both", { command: "x", url: "https://x.example" }],
    ["a variable that is not set", { command: "${MISSING}" }],
    ["an empty variable", { command: "${EMPTY}" }],
    ["no text", { command: 5 }],
    ["no list", { command: "x", args: "y" }],
    ["no texts", { command: "x", args: [1] }],
    ["no texts by name", { command: "x", env: { A: 1 } }],
    ["an address that is none", { url: "file:///etc/passwd" }],
    ["a password in the address", { url: "https://a:b@x.example" }],
    ["SSE", { url: "https://x.example", type: "sse" }],
    ["a header with a line feed", { url: "https://x.example", headers: { a: "b\nc: d" } }],
    ["a header name that is none", { url: "https://x.example", headers: { "a b": "c" } }],
    ["a header of the protocol", { url: "https://x.example", headers: { "Mcp-Session-Id": "1" } }],
    ["a cookie in the file", { url: "https://x.example", headers: { Cookie: "abc" } }],
    ["a token behind a blank", { url: "https://x.example", headers: { " authorization": "Bearer abc" } }],
    ["a token in the file", { url: "https://x.example", headers: { Authorization: "Bearer abc" } }],
    ["a token as a default", { url: "https://x.example", headers: { Authorization: "Bearer ${X:-abc}" } }],
    [
      "a token beside a variable",
      { url: "https://x.example", headers: { AUTHORIZATION: "Bearer abc${WORD}" } },
    ],
  ])("is refused with %s", (_, entry) => {
    const error = errorOf(() => read(entry));
    expect(error.code).toBe("invalid_config");
    expect(error.message).not.toContain("abc");
  });

  test.each([
    [{ command: "x" }, true],
    [{ url: "https://x.example" }, false],
    [{ url: "https://x.example/${TOKEN}" }, true],
    [{ url: "https://x.example", headers: { a: "b" } }, true],
    [{ url: "https://x.example", headers: { authorization: "${TOKEN}" } }, true],
  ])("%j does more than talk: %p", (entry, expected) => {
    expect(doesMoreThanTalk(listed(entry), read(entry))).toBe(expected);
  });
});
