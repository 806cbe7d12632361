import { describe, expect, test } from "bun:test";
import { isLoopbackHost, isLoopbackUrl } from "../../lib/base/loopback.ts";

describe("loopback", () => {
  test.each(["localhost", "LOCALHOST", "127.0.0.1", "127.255.1.9", "[::1]", "::1"])("is %s", (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  });

  test.each([
    "",
    "0.0.0.0",
    "::",
    "10.0.0.1",
    "localhost.",
    "x.localhost",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "1127.0.0.1",
    "127.0.0",
    "[::ffff:127.0.0.1]",
  ])("is not %j", (host) => {
    expect(isLoopbackHost(host)).toBe(false);
  });

  test.each([
    ["http://localhost:8000/mcp", true],
    ["https://[::1]/", true],
    ["http://127.1/", true],
    ["http://localhost@evil.example/", false],
    ["localhost", false],
    ["", false],
  ])("as the URL %j: %p", (url, isLoopback) => {
    expect(isLoopbackUrl(url)).toBe(isLoopback);
  });
});
