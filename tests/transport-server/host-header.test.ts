import { describe, expect, test } from "bun:test";
import { builtInTools } from "../../lib/tools/built-in.ts";
import { exchangeRaw } from "./raw-socket.ts";
import { startServer } from "./start-server.ts";

const tools = builtInTools({ reverseSeconds: 0 });

describe("a request without a usable Host", () => {
  test("is answered where it asks for health, as HTTP/1.0 probes do", async () => {
    await using server = startServer(tools, undefined);
    expect(await exchangeRaw(server.origin, "GET /healthz HTTP/1.0\r\n\r\n")).toMatch(/^HTTP\/1.1 200 /);
  });

  test.each([
    ["none", ""],
    ["an empty one", "Host:\r\n"],
    ["one with a user", "Host: user@localhost\r\n"],
    ["one with a port that is none", "Host: localhost:99999\r\n"],
    ["a bare IPv6 address", "Host: ::1\r\n"],
  ])("is refused: %s", async (_, host) => {
    await using server = startServer(tools, undefined);
    const answer = await exchangeRaw(server.origin, `GET /mcp HTTP/1.0\r\n${host}\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 403 /);
    expect(answer).toContain('"reason":"forbidden_host"');
  });
});
