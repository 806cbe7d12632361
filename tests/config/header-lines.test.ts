import { describe, expect, test } from "bun:test";
import { readHeaderLines, splitHeaderFile } from "../../lib/config/header-lines.ts";
import { parseArgv } from "../../lib/config/parse-argv.ts";
import { clientProgram } from "../../lib/config/mcp-client.ts";

const environment = { KEY: "k-1", EMPTY: "" };
const flag = { name: "--header", maySecrets: false, environment };
const file = { name: "--header-file", maySecrets: true, environment };

describe("headers", () => {
  test("are read by name, with variables expanded", () => {
    const lines = ["X-Api-Key: ${KEY}", "x-two:a: b ,c", "X-Three:$KEY ${key"];
    expect(readHeaderLines(lines, flag)).toEqual({
      others: { "x-api-key": "k-1", "x-two": "a: b ,c", "x-three": "$KEY ${key" },
      authorization: undefined,
    });
  });

  test("of a file may sign in", () => {
    const lines = splitHeaderFile("# comment\r\n\r\nAuthorization: Bearer ${KEY}\nCookie: a=b\n");
    expect(readHeaderLines(lines, file)).toEqual({ others: { cookie: "a=b" }, authorization: "Bearer k-1" });
  });

  test.each(["Authorization: Bearer s3cret", "authorization : s3cret", "Cookie: s3cret", "COOKIE2: s3cret"])(
    "on the command line refuse %s, without its value",
    (line) => {
      expect(() => readHeaderLines([line], flag)).toThrow(expect.objectContaining({ code: "usage" }));
      expect(() => readHeaderLines([line], flag)).not.toThrow("s3cret");
    },
  );

  test.each([
    "Host: x",
    "Connection: close",
    "Transfer-Encoding: chunked",
    "Proxy-Authorization: s3cret",
    "Content-Type: text/plain",
    "Mcp-Session-Id: s3cret",
    "MCP-Protocol-Version: 1",
    "Last-Event-ID: 1",
    "no colon",
    ": x",
    "bad name: x",
    "x-empty:",
    "x-empty: ${EMPTY}",
    "x-unset: ${UNSET}",
    "x-umlaut: ü",
    "x-control: a\u0007b",
    "x-long: " + "s".repeat(9000),
  ])("refuse %j", (line) => {
    expect(() => readHeaderLines([line], flag)).toThrow(expect.objectContaining({ code: "usage" }));
    expect(() => readHeaderLines([line], file)).toThrow(expect.objectContaining({ code: "invalid_config" }));
  });

  test("refuse a value that an expanded variable breaks", () => {
    const evil = { ...flag, environment: { KEY: "a\r\nX-Evil: 1" } };
    expect(() => readHeaderLines(["x: ${KEY}"], evil)).toThrow("cannot stand in a header");
  });

  test("refuse a name that stands twice", () => {
    expect(() => readHeaderLines(["A: 1", "a: 2"], flag)).toThrow('gives "a" twice');
    expect(() => readHeaderLines(["Authorization: 1", "authorization: 2"], file)).toThrow("twice");
  });
});

test("a flag that may stand several times keeps all its values", () => {
  const argv = [
    "bridge",
    "--header",
    "A: 1, 2",
    "--header=B:3",
    "--url",
    "http://localhost/mcp",
    "--",
    "--header",
    "C:4",
  ];
  const { flags } = parseArgv(clientProgram, argv);
  expect(flags["header"]).toBe("A: 1, 2\nB:3");
  expect(() => parseArgv(clientProgram, ["tools", "--header"])).toThrow("--header needs a value");
});
