import { neutraliseLine } from "../../base/text.ts";
import { coversScope, findAccessTokens, type TokenQuery } from "./cached-access-token.ts";
import { findAccountId, hasRefreshToken, listAccountIds } from "./choose-account.ts";
import type { CacheEntry, MsalCache } from "./msal-cache.ts";

/** Who is signed in. Holds no token. */
export interface SignedInAccount {
  /** For display only, like all of these names. */
  readonly name: string | undefined;
  readonly username: string;
  readonly tenantId: string;
  /** Scopes of the access token, without those of OpenID Connect. */
  readonly scopes: readonly string[];
  /** When the access token ends, seconds since the Unix epoch; may lie in the past. */
  readonly expiresAtSeconds: number;
  /** Whether there is a refresh token, so that nobody has to sign in again when the access token ends. */
  readonly canRenew: boolean;
}

/** A person's name for one line, safe to show. */
export function nameOf({ name, username }: SignedInAccount): string {
  return neutraliseLine(name === undefined ? username : `${name} (${username})`);
}

const oidcScopes: readonly string[] = ["openid", "profile", "email", "offline_access"];

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function readScopes(target: unknown): readonly string[] {
  return textOf(target)
    .split(/\s+/)
    .filter((word) => word !== "" && !oidcScopes.includes(word.toLowerCase()));
}

function findAccount(cache: MsalCache, accountId: string): CacheEntry | undefined {
  return cache.accounts.find((entry) => entry["home_account_id"] === accountId);
}

function describeAccount(
  cache: MsalCache,
  query: TokenQuery,
  accountId: string,
): SignedInAccount | undefined {
  const tokens = findAccessTokens(cache, query).filter((entry) => entry["home_account_id"] === accountId);
  const token = tokens.find((entry) => coversScope(entry["target"], query.scope)) ?? tokens[0];
  const account = findAccount(cache, accountId);
  if (!token || !account) return undefined;
  return {
    name: textOf(account["name"]) || undefined,
    username: textOf(account["username"]),
    tenantId: textOf(token["realm"]),
    scopes: readScopes(token["target"]),
    expiresAtSeconds: Number(token["expires_on"]) || 0,
    canRenew: hasRefreshToken(cache, query, accountId),
  };
}

/** Reads from the cache everybody who is signed in, the latest first. */
export function listSignedInAccounts(cache: MsalCache, query: TokenQuery): readonly SignedInAccount[] {
  const accounts = listAccountIds(cache, query).map((id) => describeAccount(cache, query, id));
  return accounts.filter((account) => account !== undefined);
}

/**
 * Reads from the cache who is signed in, or nothing when nobody is.
 *
 * @throws `several_accounts`
 */
export function findSignedInAccount(cache: MsalCache, query: TokenQuery): SignedInAccount | undefined {
  const accountId = findAccountId(cache, query);
  return accountId === undefined ? undefined : describeAccount(cache, query, accountId);
}
