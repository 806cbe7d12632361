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
    expect(checkOrigin(origin, "localhost", lists)).toBeUndefined();
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
    expect(checkOrigin(origin, "localhost", lists)?.code).toBe("forbidden_origin");
  });
});

describe("a page that this server itself serves", () => {
  const names = { ...none, host: "192.0.2.7", allowedHosts: ["mcp.corp"] };
  const plain = createAllowLists(names);
  const tls = createAllowLists({ ...names, isTls: true });
  const proxied = createAllowLists({ ...names, publicUrl: "https://mcp.contoso.com/mcp" });

  test.each([
    ["http://mcp.corp:8000", "mcp.corp:8000", plain],
    ["http://mcp.corp:8000", "MCP.corp:8000", plain],
    ["http://mcp.corp", "mcp.corp", plain],
    ["http://mcp.corp", "mcp.corp:80", plain],
    ["https://mcp.corp", "mcp.corp", plain],
    ["http://192.0.2.7:8000", "192.0.2.7:8000", plain],
    ["https://mcp.corp:8000", "mcp.corp:8000", tls],
    ["https://mcp.corp", "mcp.corp:443", tls],
    ["https://mcp.corp", "mcp.corp", proxied],
  ])("of %s may use it as %s", (origin, host, allowLists) => {
    expect(checkOrigin(origin, host, allowLists)).toBeUndefined();
  });

  test.each([
    ["another port", "http://mcp.corp:9000", "mcp.corp:8000", plain],
    ["the port of another scheme", "https://mcp.corp", "mcp.corp:80", plain],
    ["another allowed name", "http://192.0.2.7:8000", "mcp.corp:8000", plain],
    ["a name below it", "http://evil.mcp.corp:8000", "mcp.corp:8000", plain],
    ["a name that was made to mean this machine", "http://evil.example:8000", "evil.example:8000", plain],
    ["no host", "http://mcp.corp:8000", null, plain],
    ["a host that is more than one", "http://mcp.corp", "mcp.corp/x", plain],
    ["http where the server speaks TLS", "http://mcp.corp:8000", "mcp.corp:8000", tls],
    ["http where the proxy speaks TLS", "http://mcp.corp", "mcp.corp", proxied],
    ["an opaque origin", "null", "null", createAllowLists({ ...none, allowedHosts: ["null"] })],
    ["another kind of page", "ftp://mcp.corp", "mcp.corp", plain],
  ])("is told from %s", (_, origin, host, allowLists) => {
    expect(checkOrigin(origin, host, allowLists)?.code).toBe("forbidden_origin");
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
