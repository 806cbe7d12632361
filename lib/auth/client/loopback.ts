/**
 * Whether the name of a host always means this machine: localhost, 127.0.0.0/8 or [::1]. Nothing is
 * resolved.
 *
 * @param hostname as `URL.hostname` gives it, which writes every form of an IPv4 address in full
 */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Whether a URL points at this machine. False for text that is no URL. */
export function isLoopbackUrl(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed !== null && isLoopbackHost(parsed.hostname);
}
