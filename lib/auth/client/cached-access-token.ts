import { isGuid } from "../../config/shared-options.ts";
import { cacheEnvironmentsOf, type EntraAuthority } from "./authority.ts";
import type { CacheEntry, MsalCache } from "./msal-cache.ts";
import type { AccessToken } from "./token-source.ts";

/*
 * Finds tokens in MSAL's cache without loading MSAL. Signatures are not checked: the file is ours alone.
 */

/** Which token is wanted. */
export interface TokenQuery {
  readonly authority: EntraAuthority;
  readonly clientId: string;
  /** One or several fully qualified scopes separated by blanks; `<resource>/.default` means any of it. */
  readonly scope: string;
  /** Whose token: somebody's who signed in, or the client's own. Default `person`. */
  readonly caller?: "person" | "application" | undefined;
  /** User name or id of the account. Default: the only one. */
  readonly account?: string | undefined;
}

/** Which tokens are good enough. */
export interface TokenFilter {
  readonly nowSeconds: number;
  /** How much longer a token must live. */
  readonly marginSeconds: number;
  readonly isRejected: (value: string) => boolean;
  /** Whose; an application's own has none. */
  readonly accountId: string;
}

function isSame(value: unknown, expected: string): boolean {
  return typeof value === "string" && value.toLowerCase() === expected.toLowerCase();
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Key under which the id of a tenant is noted that was given as a domain. */
export function tenantKeyOf(authority: EntraAuthority): string {
  return `${new URL(authority.loginUrl).host}/${authority.tenant}`.toLowerCase();
}

function resolveRealm(cache: MsalCache, authority: EntraAuthority): string | undefined {
  if (isGuid(authority.tenant)) return authority.tenant;
  const noted = cache.tenantIds[tenantKeyOf(authority)];
  return typeof noted === "string" ? noted : undefined;
}

/** Whether a cache entry is the client's at this login host. */
export function isOfClient(entry: CacheEntry, query: TokenQuery): boolean {
  if (!isSame(entry["client_id"], query.clientId)) return false;
  return cacheEnvironmentsOf(query.authority).some((name) => isSame(entry["environment"], name));
}

function isBearer(entry: CacheEntry): boolean {
  return entry["token_type"] === undefined || isSame(entry["token_type"], "Bearer");
}

/** An application's own token has no account. One registration may be used both ways. */
function isOfCaller(entry: CacheEntry, { caller = "person" }: TokenQuery): boolean {
  return (textOf(entry["home_account_id"]) === "") === (caller === "application");
}

/** Access tokens of the client in the tenant, the latest first; ones that had no date come last. */
export function findAccessTokens(cache: MsalCache, query: TokenQuery): readonly CacheEntry[] {
  // Without an account MSAL files the tenant as it was given.
  const isApplication = query.caller === "application";
  const realm = isApplication ? query.authority.tenant : resolveRealm(cache, query.authority);
  if (realm === undefined) return [];
  return cache.accessTokens
    .filter((entry) => isOfClient(entry, query) && isSame(entry["realm"], realm) && isBearer(entry))
    .filter((entry) => isOfCaller(entry, query))
    .toSorted((a, b) => (Number(b["cached_at"]) || 0) - (Number(a["cached_at"]) || 0));
}

/** Whether a token's `target` holds all the scopes that are wanted. */
export function coversScope(target: unknown, scope: string): boolean {
  const granted = textOf(target).toLowerCase().split(/\s+/);
  const wanted = scope.toLowerCase().trim().split(/\s+/);
  return wanted.every((word) => {
    if (!word.endsWith("/.default")) return granted.includes(word);
    const resource = word.slice(0, -".default".length);
    return granted.some((candidate) => candidate.startsWith(resource));
  });
}

/** The access token in the cache that can be used as it is, of the account that counts; or nothing. */
export function findCachedAccessToken(
  cache: MsalCache,
  query: TokenQuery,
  filter: TokenFilter,
): AccessToken | undefined {
  const { accountId } = filter;
  for (const entry of findAccessTokens(cache, query)) {
    const value = textOf(entry["secret"]);
    const expiresAtSeconds = Number(entry["expires_on"]);
    // What could not stand in a header is no token.
    if (!/^[\x21-\x7e]+$/.test(value) || filter.isRejected(value)) continue;
    if (textOf(entry["home_account_id"]) !== accountId || !coversScope(entry["target"], query.scope))
      continue;
    // False for NaN as well.
    if (expiresAtSeconds > filter.nowSeconds + filter.marginSeconds) return { value, expiresAtSeconds };
  }
  return undefined;
}
