import type { Abortable } from "../../base/abort.ts";
import { AppError } from "../../base/errors.ts";
import { quote } from "../../base/text.ts";
import { isGuid } from "../../config/shared-options.ts";
import { type EntraAuthority, parseAuthority } from "./authority.ts";
import { type Fetch, fetchJson, isRecord, type JsonAnswer } from "./fetch-json.ts";

/*
 * Reads what a server says about its own authorization. Checks that the document is about the URL that
 * was asked for. Does not decide whether any of it may be used: `destination.ts` does.
 */

const timeoutMs = 10_000;
const maxBytes = 64 * 1024;
const maxRedirects = 3;
const maxScopes = 20;
const oidcScopes: readonly string[] = ["openid", "profile", "email", "offline_access"];

/** What a server's protected-resource metadata says (RFC 9728). Nothing in it is trusted yet. */
export interface DiscoveredAuthorization {
  /** `resource`: matches the URL that was asked for. */
  readonly resource: string;
  /** The first authorization server that is Microsoft's or this machine's dev tenant; absent otherwise. */
  readonly authority: EntraAuthority | undefined;
  /** The authorization server as written; empty when none is named. */
  readonly issuer: string;
  /** `scopes_supported` without those of OpenID Connect, separated by blanks. */
  readonly scope: string | undefined;
  /** Extension member `entra_public_client_id`: the public client that people sign in with. */
  readonly clientId: string | undefined;
}

/** What {@link discoverAuthorization} takes besides the URL. */
export interface DiscoverOptions extends Abortable {
  readonly fetch?: Fetch | undefined;
}

function metadataUrls(server: URL): readonly string[] {
  const wellKnown = "/.well-known/oauth-protected-resource";
  const path = server.pathname.replace(/\/$/, "");
  const root = `${server.origin}${wellKnown}`;
  return path === "" ? [root] : [`${root}${path}`, root];
}

/** Whoever forgets /mcp at the end gets the address to use; another origin's is not recommended. */
function hintForOther(resource: unknown, server: URL): string {
  const isSameOrigin = typeof resource === "string" && URL.parse(resource)?.origin === server.origin;
  if (isSameOrigin) return `Did you mean --url ${quote(resource, 200).slice(1, -1)}?`;
  return "Use the address that the metadata names, or tell the server its public URL.";
}

/** Follows redirects within the origin only: another origin must not speak for this one. */
async function readMetadata(url: string, options: DiscoverOptions): Promise<JsonAnswer> {
  let target = url;
  for (let hops = 0; ; hops++) {
    const headers = { accept: "application/json" };
    const answer = await fetchJson(target, { ...options, headers, timeoutMs, maxBytes, party: "The server" });
    const location = answer.headers.get("location");
    if (answer.status < 300 || answer.status >= 400 || location === null) return answer;
    const next = URL.parse(location, target);
    if (hops >= maxRedirects || !next || next.origin !== new URL(url).origin) {
      throw new AppError(
        "untrusted_destination",
        `The server redirects its protected-resource metadata to ${quote(location)}, which is not followed.`,
        { hint: "Give the server's own address with --url." },
      );
    }
    target = next.href;
  }
}

function matchesServer(resource: string, server: URL): boolean {
  const url = URL.parse(resource);
  if (!url || url.origin !== server.origin || url.search !== "" || url.hash !== "") return false;
  const path = url.pathname.replace(/\/$/, "");
  return path === "" || path === server.pathname.replace(/\/$/, "");
}

function readStrings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function readScope(value: unknown): string | undefined {
  const scopes = readStrings(value).filter((scope) => !oidcScopes.includes(scope));
  return scopes.length === 0 ? undefined : scopes.slice(0, maxScopes).join(" ");
}

function interpret(metadata: Readonly<Record<string, unknown>>, server: URL): DiscoveredAuthorization {
  const { resource, entra_public_client_id: clientId } = metadata;
  if (typeof resource !== "string" || !matchesServer(resource, server)) {
    throw new AppError(
      "untrusted_destination",
      `The server's metadata is about ${quote(resource)}, not about ${quote(server.href)}.`,
      { hint: hintForOther(resource, server) },
    );
  }
  const issuers = readStrings(metadata["authorization_servers"]);
  const issuer = issuers.find((candidate) => parseAuthority(candidate) !== undefined) ?? issuers[0] ?? "";
  return {
    resource,
    authority: parseAuthority(issuer),
    issuer,
    scope: readScope(metadata["scopes_supported"]),
    clientId: typeof clientId === "string" && isGuid(clientId) ? clientId : undefined,
  };
}

async function probe(url: string, server: URL, options: DiscoverOptions) {
  const { status, headers, body } = await readMetadata(url, options);
  if (status >= 500) {
    throw new AppError("server_failed", `The server answered ${status} when asked for its metadata.`, {
      hint: "Try again later.",
    });
  }
  if (status !== 200) return undefined;
  // A site that answers every path with its start page has no metadata.
  if (!/^application\/(.+\+)?json\b/i.test(headers.get("content-type") ?? "")) return undefined;
  if (!isRecord(body)) {
    throw new AppError("protocol_error", `The server's metadata at ${quote(url)} is not a JSON object.`, {
      hint: "Configure --tenant-id, --client-id and --scope instead.",
    });
  }
  return interpret(body, server);
}

/**
 * Asks a server how to authorize: its protected-resource metadata below the path, else at the root.
 * Undefined when it has none. At most 64 KiB, 10 s per request, no redirect to another origin.
 *
 * @throws `untrusted_destination` when the metadata is about another resource
 * @throws `unreachable`, `timeout`, `server_failed`, `protocol_error`
 * @see RFC 9728 section 3
 */
export async function discoverAuthorization(
  serverUrl: string,
  options: DiscoverOptions = {},
): Promise<DiscoveredAuthorization | undefined> {
  const server = new URL(serverUrl);
  for (const url of metadataUrls(server)) {
    const found = await probe(url, server, options);
    if (found) return found;
  }
  return undefined;
}
