import { AppError } from "../../base/errors.ts";
import { quote } from "../../base/text.ts";
import { findAccessTokens, isOfClient, type TokenQuery } from "./cached-access-token.ts";
import type { CacheEntry, MsalCache } from "./msal-cache.ts";

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function isNamed(entry: CacheEntry, account: string): boolean {
  const names = [entry["username"], entry["home_account_id"], entry["local_account_id"]];
  return names.some((name) => textOf(name).toLowerCase() === account.trim().toLowerCase());
}

/** Ids of the accounts in the cache that a name means: a user name, or an account's or object's id. */
export function findNamedAccounts(cache: MsalCache, account: string): readonly string[] {
  const named = cache.accounts.filter((entry) => isNamed(entry, account));
  return [...new Set(named.map((entry) => textOf(entry["home_account_id"])))];
}

/** The accounts that have tokens of the client in the tenant, the latest first; only those that were asked for. */
export function listAccountIds(cache: MsalCache, query: TokenQuery): readonly string[] {
  const all = [...new Set(findAccessTokens(cache, query).map((entry) => textOf(entry["home_account_id"])))];
  if (query.account === undefined) return all;
  const named = findNamedAccounts(cache, query.account);
  return all.filter((id) => named.includes(id));
}

/** Whether an account can get a new token without anybody. */
export function hasRefreshToken(cache: MsalCache, query: TokenQuery, accountId: string): boolean {
  return cache.refreshTokens.some(
    (entry) => entry["home_account_id"] === accountId && isOfClient(entry, query),
  );
}

/** The error for when nothing says which of several people is meant. */
export function createSeveralAccountsError(names: readonly string[]): AppError {
  const list = names
    .map((name) => quote(name))
    .toSorted()
    .join(", ");
  return new AppError("several_accounts", `Several accounts are signed in: ${list}.`, {
    hint: "Choose one with --account NAME, or forget one with mcp-client logout --account NAME.",
  });
}

/**
 * The account that counts: the one that was asked for, else the only one. Those without a refresh token, which end by
 * themselves, stand in nobody's way: of them it is the latest.
 *
 * @throws `several_accounts` when more than one can be renewed: renewing makes any of them the latest
 */
export function findAccountId(cache: MsalCache, query: TokenQuery): string | undefined {
  const ids = listAccountIds(cache, query);
  const living = ids.filter((id) => hasRefreshToken(cache, query, id));
  if (living.length <= 1) return ids[0];
  const names = living.map((id) => {
    const account = cache.accounts.find((entry) => entry["home_account_id"] === id);
    return textOf(account?.["username"]) || id;
  });
  throw createSeveralAccountsError(names);
}
