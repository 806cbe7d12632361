import { BlockList, isIP } from "node:net";

/** Proxies ahead of which nothing is looked at, so that a long header costs nothing. */
const maxHops = 16;

/** An address with its port, brackets or zone taken off; an IPv4 address that is written as IPv6 becomes IPv4. */
function toBareAddress(text: string): string | undefined {
  const trimmed = text.trim();
  const [, bracketed] = /^\[([^\]]+)\](?::\d+)?$/.exec(trimmed) ?? [];
  const [, withPort] = /^(\d+(?:\.\d+){3}):\d+$/.exec(trimmed) ?? [];
  const address = (bracketed ?? withPort ?? trimmed).replace(/%.*$/, "").toLowerCase();
  const [, mapped] = /^::ffff:(\d+(?:\.\d+){3})$/.exec(address) ?? [];
  const bare = mapped ?? address;
  return isIP(bare) === 0 ? undefined : bare;
}

/** The network of an IPv6 address: one household or machine has a /64 to choose addresses from. */
function toNetwork(address: string): string {
  const [head = "", tail = ""] = address.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === "" ? [] : tail.split(":");
  const zeros = address.includes("::") ? Math.max(0, 8 - before.length - after.length) : 0;
  const groups = [...before, ...Array.from({ length: zeros }, () => "0"), ...after];
  const first = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${first.join(":")}::/64`;
}

function toBlockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", prefix] = range.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

/** Addresses of connections that are remembered in the form in which they are counted. */
const maxKnown = 1024;

/** Who sent a request, as far as addresses say it. */
export type ClientAddressReader = (headers: Headers, socketAddress: string | undefined) => string;

/**
 * Reads whose request it is: the connection's address, or behind trusted proxies the last address in
 * `X-Forwarded-For` that is not one of theirs. What stands before that was written by the sender, who may write
 * what he likes; so without trusted proxies the header says nothing. IPv6 addresses count as their /64.
 *
 * @param trustedProxies addresses or ranges (CIDR) whose `X-Forwarded-For` is believed
 */
export function createClientAddressReader(trustedProxies: readonly string[]): ClientAddressReader {
  const proxies = toBlockList(trustedProxies);
  const isTrusted = (address: string) => proxies.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
  const toKey = (address: string) => (address.includes(":") ? toNetwork(address) : address);

  function forwardedFor(header: string, proxy: string): string {
    let client = proxy;
    let rest = header;
    for (let hop = 0; hop < maxHops && isTrusted(client); hop++) {
      const comma = rest.lastIndexOf(",");
      const address = toBareAddress(rest.slice(comma + 1));
      // What is no address, e.g. "unknown", cannot be told apart: it counts as the proxy that wrote it.
      if (address === undefined) return client;
      client = address;
      if (comma < 0) return client;
      rest = rest.slice(0, comma);
    }
    return client;
  }

  const known = new Map<string, string>();

  function toKnownKey(socketAddress: string): string {
    const knownKey = known.get(socketAddress);
    if (knownKey !== undefined) return knownKey;
    const address = toBareAddress(socketAddress);
    const key = address === undefined ? "unknown" : toKey(address);
    if (known.size >= maxKnown) known.clear();
    known.set(socketAddress, key);
    return key;
  }

  return (headers, socketAddress = "") => {
    const header = trustedProxies.length === 0 ? null : headers.get("x-forwarded-for");
    const address = header === null ? undefined : toBareAddress(socketAddress);
    if (header === null || address === undefined) return toKnownKey(socketAddress);
    return toKey(forwardedFor(header, address));
  };
}
