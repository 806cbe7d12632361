import { describe, expect, test } from "bun:test";
import {
  checkHost,
  checkOrigin,
  createAllowLists,
  createHostCheck,
} from "../../lib/transport/server/allow-lists.ts";

const none = { host: undefined, publicUrl: undefined, allowedHosts: [], allowedOrigins: [] };
const lists = createAllowLists({
  host: "192.0.2.7",
  publicUrl: "https://MCP.contoso.com:8443/mcp",
  allowedHosts: ["Proxy.internal"],
  allowedOrigins: ["https://App.contoso.com/", "http://10.0.0.1:3000"],
});

describe("a Host header", () => {
  test.each([
    ["localhost"],
    ["LOCALHOST:8000"],
    ["127.0.0.1:1"],
    ["[::1]:8000"],
    ["192.0.2.7:8000"],
    ["mcp.contoso.com"],
    ["mcp.contoso.com:8443"],
    ["proxy.internal:80"],
  ])("%p is answered", (host) => {
    expect(checkHost(host, lists)).toBeUndefined();
  });

  test.each([
    [null],
    [""],
    ["evil.example"],
    ["localhost.evil.example"],
    ["localhost@evil.example"],
    ["evil.example@localhost"],
    ["localhost/evil.example"],
    ["localhost?x"],
    ["localhost#x"],
    ["local%68ost"],
    ["\u24dbocalhost"],
    ["localhost:99999"],
    ["localhost:80:80"],
    ["192.0.2.8"],
    ["[::2]"],
  ])("%p is refused", (host) => {
    expect(checkHost(host, lists)?.code).toBe("forbidden_host");
  });

  test.each([
    ["::1", "[::1]:8000"],
    ["FD00::1", "[fd00::1]"],
    ["127.0.0.2", "127.0.0.2:8000"],
  ])("names the address %s that is listened on: %s", (host, header) => {
    expect(checkHost(header, createAllowLists({ ...none, host }))).toBeUndefined();
  });

  test.each(["0.0.0.0", "::"])("does not name %s, which stands for all addresses", (host) => {
    const header = host.includes(":") ? `[${host}]` : host;
    expect(checkHost(header, createAllowLists({ ...none, host }))?.code).toBe("forbidden_host");
  });
});

describe("an Origin header", () => {
  test.each([
    [null],
    ["http://localhost:5173"],
    ["https://127.0.0.1"],
    ["http://127.8.9.1:1"],
    ["http://[::1]:9"],
    ["https://mcp.contoso.com:8443"],
    ["https://app.contoso.com"],
    ["http://10.0.0.1:3000"],
  ])("%p may use the server", (origin) => {
    expect(checkOrigin(origin, lists)).toBeUndefined();
  });

  test.each([
    ["null"],
    [""],
    ["https://mcp.contoso.com"],
    ["http://app.contoso.com"],
    ["https://app.contoso.com.evil.example"],
    ["http://10.0.0.1"],
    ["http://localhost.evil.example"],
    ["http://localhost/"],
    ["http://localhost/path"],
    ["http://evil.example@localhost"],
    ["ftp://localhost"],
    ["chrome-extension://localhost"],
    ["localhost"],
  ])("%p is refused", (origin) => {
    expect(checkOrigin(origin, lists)?.code).toBe("forbidden_origin");
  });
});

test("a host name that is not the server's is refused each time, also after a good one", () => {
  const check = createHostCheck(
    createAllowLists({ host: "127.0.0.1", publicUrl: undefined, allowedHosts: [], allowedOrigins: [] }),
  );
  const outcomes = ["localhost", "evil.example", "evil.example", null, "localhost", "localhost:1"].map(
    (host) => check(host)?.code,
  );
  expect(outcomes).toEqual([
    undefined,
    "forbidden_host",
    "forbidden_host",
    "forbidden_host",
    undefined,
    undefined,
  ]);
});
