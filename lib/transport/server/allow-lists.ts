import { AppError } from "../../base/errors.ts";
import { quote } from "../../base/text.ts";

/** Under which names and from which web pages requests are answered. */
export interface AllowLists {
  /** Host names without port, lower case; IPv6 in brackets. */
  readonly hosts: ReadonlySet<string>;
  /** Origins as browsers send them, e.g. `https://app.contoso.com`. */
  readonly origins: ReadonlySet<string>;
}

export interface AllowListOptions {
  /** Its host and origin are allowed. */
  readonly publicUrl: string | undefined;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
}

const loopbackHosts = ["localhost", "127.0.0.1", "[::1]"] as const;

/** Whether a host name, without port, means this machine. */
export function isLoopbackHost(hostname: string): boolean {
  const name = hostname.toLowerCase();
  return name === "::1" || loopbackHosts.some((host) => host === name) || /^127(\.\d{1,3}){3}$/.test(name);
}

/** Builds the allow-lists: the loopback names, the public URL's host and what the operator adds. */
export function createAllowLists({ publicUrl, allowedHosts, allowedOrigins }: AllowListOptions): AllowLists {
  const own = publicUrl === undefined ? undefined : new URL(publicUrl);
  return {
    hosts: new Set([
      ...loopbackHosts,
      ...(own ? [own.hostname] : []),
      ...allowedHosts.map((h) => h.toLowerCase()),
    ]),
    origins: new Set([
      ...(own ? [own.origin] : []),
      ...allowedOrigins.map((o) => o.toLowerCase().replace(/\/$/, "")),
    ]),
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

/**
 * Checks the `Origin` header, which web pages send and programs do not.
 *
 * @returns the refusal, or undefined
 * @see MCP basic/transports, "Security Warning"
 */
export function checkOrigin(origin: string | null, { origins }: AllowLists): AppError | undefined {
  if (origin === null) return undefined;
  const url = URL.parse(origin);
  const isWeb =
    url !== null && ["http:", "https:"].includes(url.protocol) && url.origin === origin.toLowerCase();
  if (isWeb && (isLoopbackHost(url.hostname) || origins.has(url.origin))) return undefined;
  return new AppError("forbidden_origin", `Web pages of ${quote(origin)} may not use this server.`, {
    hint: "Its operator can add the origin with --allowed-origins.",
  });
}
