import { AppError } from "../../base/errors.ts";
import { isLoopbackHost } from "../../base/loopback.ts";
import { quote } from "../../base/text.ts";

/** Under which names and from which web pages requests are answered. */
export interface AllowLists {
  /** Host names without port, lower case; IPv6 in brackets. */
  readonly hosts: ReadonlySet<string>;
  /** Origins as browsers send them, e.g. `https://app.contoso.com`. */
  readonly origins: ReadonlySet<string>;
  /** Schemes under which browsers reach this server, e.g. `https:`. */
  readonly ownSchemes: ReadonlySet<string>;
}

export interface AllowListOptions {
  /** Address that is listened on: allowed too, unless it stands for all of them. */
  readonly host: string | undefined;
  /** Its host and origin are allowed. */
  readonly publicUrl: string | undefined;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  /** Whether the server itself speaks TLS. Default false. */
  readonly isTls?: boolean;
}

const loopbackHosts = ["localhost", "127.0.0.1", "[::1]"] as const;

/** An address as it stands in a URL: IPv6 in brackets, lower case. */
function toUrlHost(host: string): string {
  return (host.includes(":") ? `[${host}]` : host).toLowerCase();
}

/**
 * Builds the allow-lists: the loopback names, the address that is listened on, the public URL's host and what the
 * operator adds. Pages of this machine are let in whatever their port.
 */
export function createAllowLists(options: AllowListOptions): AllowLists {
  const { host, publicUrl, allowedHosts, allowedOrigins, isTls = false } = options;
  const own = publicUrl === undefined ? undefined : new URL(publicUrl);
  const isOneAddress = host !== undefined && !["0.0.0.0", "::"].includes(host);
  return {
    hosts: new Set([
      ...loopbackHosts,
      ...(isOneAddress ? [toUrlHost(host)] : []),
      ...(own ? [own.hostname] : []),
      ...allowedHosts.map((name) => name.toLowerCase()),
    ]),
    origins: new Set([
      ...(own ? [own.origin] : []),
      ...allowedOrigins.map((origin) => origin.toLowerCase().replace(/\/$/, "")),
    ]),
    // Where nothing says https, a proxy may still have added it.
    ownSchemes: new Set(isTls || own?.protocol === "https:" ? ["https:"] : ["http:", "https:"]),
  };
}

/**
 * Checks the `Host` header against DNS rebinding.
 *
 * @returns the refusal, or undefined
 */
export function checkHost(host: string | null, { hosts }: AllowLists): AppError | undefined {
  const isPlain = host !== null && /^[a-z0-9.\-_[\]:]+$/i.test(host);
  const hostname = isPlain ? URL.parse(`http://${host}`)?.hostname : undefined;
  // An address, unlike a name, cannot be made to mean another machine; --host may be any of 127.0.0.0/8.
  const isAllowed = hostname !== undefined && (hosts.has(hostname.toLowerCase()) || isLoopbackHost(hostname));
  if (isAllowed) return undefined;
  return new AppError(
    "forbidden_host",
    `This server does not answer under the host name ${quote(host ?? "")}.`,
    {
      hint: "Its operator can add the name with --allowed-hosts.",
    },
  );
}

/** {@link checkHost} for many requests: the last good name, which nearly all of them have, is not looked at again. */
export function createHostCheck(allowLists: AllowLists): (host: string | null) => AppError | undefined {
  let lastGood: string | null = null;
  return (host) => {
    if (host !== null && host === lastGood) return undefined;
    const refusal = checkHost(host, allowLists);
    if (!refusal) lastGood = host;
    return refusal;
  };
}

/**
 * Whether a page comes from the very scheme, host and port that its request is for, under an allowed host name. A
 * browser lets no script choose either header; a page of another name that was made to mean this machine carries
 * that name in both of them, and it is not on the list. Where a proxy writes another `Host`, nothing is the same.
 */
function isOwnPage({ protocol, origin }: URL, host: string | null, allowLists: AllowLists): boolean {
  if (!allowLists.ownSchemes.has(protocol) || checkHost(host, allowLists)) return false;
  return URL.parse(`${protocol}//${host}`)?.origin === origin;
}

/**
 * Checks the `Origin` header, which web pages send and programs do not.
 *
 * @param host the `Host` header of the same request
 * @returns the refusal, or undefined
 * @see MCP basic/transports, "Security Warning"
 */
export function checkOrigin(
  origin: string | null,
  host: string | null,
  allowLists: AllowLists,
): AppError | undefined {
  if (origin === null) return undefined;
  const url = URL.parse(origin);
  const isWeb =
    url !== null && ["http:", "https:"].includes(url.protocol) && url.origin === origin.toLowerCase();
  if (isWeb) {
    const isListed = isLoopbackHost(url.hostname) || allowLists.origins.has(url.origin);
    if (isListed || isOwnPage(url, host, allowLists)) return undefined;
  }
  return new AppError("forbidden_origin", `Web pages of ${quote(origin)} may not use this server.`, {
    hint: "Its operator can add the origin with --allowed-origins.",
  });
}
