/**
 * Whether the name of a host always means this machine: localhost, 127.0.0.0/8 or ::1. Nothing is resolved,
 * and names below localhost are left to the resolver, so they do not count.
 *
 * @param hostname as `URL.hostname` gives it, which writes every form of an IPv4 address in full; IPv6 also
 *   without brackets
 */
export function isLoopbackHost(hostname: string): boolean {
  const name = hostname.toLowerCase();
  return ["localhost", "[::1]", "::1"].includes(name) || /^127(\.\d{1,3}){3}$/.test(name);
}

/** Whether a URL points at this machine. False for text that is no URL. */
export function isLoopbackUrl(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed !== null && isLoopbackHost(parsed.hostname);
}

/** Whether what is fetched from a URL comes from whom it names: https, or http on this machine. */
export function isSafeUrl(url: URL): boolean {
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopbackHost(url.hostname));
}
