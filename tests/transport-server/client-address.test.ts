import { describe, expect, test } from "bun:test";
import { createClientAddressReader } from "../../lib/transport/server/client-address.ts";

function read(proxies: readonly string[], socket: string | undefined, forwarded?: string): string {
  const headers = new Headers(forwarded === undefined ? {} : { "x-forwarded-for": forwarded });
  return createClientAddressReader(proxies)(headers, socket);
}

describe("the address of a request", () => {
  test.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    [undefined, "unknown"],
  ])("of the connection from %s is %s", (socket, address) => {
    expect(read([], socket)).toBe(address);
  });

  test("is the connection's where nobody is trusted to forward, whatever the header says", () => {
    expect(read([], "192.0.2.1", "198.51.100.7")).toBe("192.0.2.1");
    expect(read(["10.0.0.0/8"], "192.0.2.1", "198.51.100.7")).toBe("192.0.2.1");
  });

  test.each([
    ["one proxy", "10.0.0.1", "198.51.100.7", "198.51.100.7"],
    ["two proxies", "10.0.0.1", "198.51.100.7, 10.0.0.2", "198.51.100.7"],
    ["a sender who writes the header, too", "10.0.0.1", "203.0.113.1, 198.51.100.7", "198.51.100.7"],
    ["a sender who claims to be a proxy", "10.0.0.1", "203.0.113.1, 10.0.0.9, 198.51.100.7", "198.51.100.7"],
    ["a proxy that writes ports", "10.0.0.1", "198.51.100.7:50123", "198.51.100.7"],
    ["a proxy that writes brackets", "10.0.0.1", "[2001:db8::1]:443", "2001:db8:0:0::/64"],
    ["a proxy reached by IPv6", "::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7"],
    ["an IPv6 proxy", "fd00::5", "2001:db8::1", "2001:db8:0:0::/64"],
    ["a proxy's own request", "10.0.0.1", "10.0.0.2", "10.0.0.2"],
    ["a proxy that hides the sender", "10.0.0.1", "unknown", "10.0.0.1"],
    ["a proxy that writes nothing", "10.0.0.1", "", "10.0.0.1"],
  ])("through %s is the last that is no proxy's", (_, socket, forwarded, address) => {
    expect(read(["10.0.0.0/8", "fd00::/8"], socket, forwarded)).toBe(address);
  });

  test("is not looked for behind more than 16 proxies", () => {
    const proxies = Array.from({ length: 100 }, (_, index) => `10.0.1.${index}`);
    expect(read(["10.0.0.0/8"], "10.0.0.1", `198.51.100.7, ${proxies.join(", ")}`)).toBe("10.0.1.84");
  });
});
