import { AppError } from "../../base/errors.ts";
import { cacheEnvironmentsOf, isLoopbackAuthority } from "./authority.ts";
import { isOfClient } from "./cached-access-token.ts";
import { findAccountId, hasRefreshToken } from "./choose-account.ts";
import {
  acquireByMsal,
  type EntraSession,
  findUsableToken,
  lastMarginSeconds,
  readMetadata,
  type TokenAttempt,
} from "./entra-session.ts";
import { createLockedCachePlugin, createPublicApplication } from "./msal-application.ts";
import { type CacheEntry, type MsalCache, parseMsalCache, withoutTokens } from "./msal-cache.ts";
import { createTokenPost } from "./msal-network.ts";
import {
  createSignInRequiredError,
  isDeadRefreshToken,
  isTransientSignInError,
  type OAuthError,
} from "./sign-in-error.ts";
import type { LockedTokenCache } from "./token-cache.ts";
import type { AccessToken } from "./token-source.ts";

interface Renewal extends TokenAttempt {
  readonly authorityMetadata: string | undefined;
}

interface AccountRenewal extends Renewal {
  readonly accountId: string;
  readonly onRefusal: (refusal: OAuthError) => void;
}

async function renewByMsal(
  session: EntraSession,
  locked: LockedTokenCache,
  renewal: AccountRenewal,
): Promise<AccessToken> {
  const { authority, scope, fetch } = session.options;
  const { signal, claims, accountId, authorityMetadata, onRefusal } = renewal;
  const environments = cacheEnvironmentsOf(authority);
  const { token } = await acquireByMsal(session, {
    signal,
    authorityMetadata,
    post: createTokenPost({ signal, fetch }, "renewal", onRefusal),
    cachePlugin: createLockedCachePlugin(locked),
    createApplication: createPublicApplication,
    async acquire(application) {
      const accounts = await application.getTokenCache().getAllAccounts();
      const account = accounts.find(
        (one) => one.homeAccountId === accountId && environments.includes(one.environment),
      );
      if (!account) throw createSignInRequiredError();
      const scopes = scope.trim().split(/\s+/);
      const challenge = claims === undefined ? {} : { claims };
      return application.acquireTokenSilent({ account, scopes, forceRefresh: true, ...challenge });
    },
  });
  return token;
}

/**
 * Forgets what a dead sign-in left: neither `whoami` nor the choice of the account shall count it any more, and no
 * command asks for it again. Its access tokens end with it: they were about to end, or the server refused them.
 */
async function forgetSignIn(
  { query }: EntraSession,
  locked: LockedTokenCache,
  accountId: string,
): Promise<void> {
  const text = await locked.read();
  if (text === undefined) return;
  const wanted = query();
  const isGone = (entry: CacheEntry) => entry["home_account_id"] === accountId && isOfClient(entry, wanted);
  await locked.write(withoutTokens(text, isGone));
}

async function renewLocked(
  session: EntraSession,
  locked: LockedTokenCache,
  renewal: Renewal,
): Promise<AccessToken> {
  const { authority } = session.options;
  const cache = parseMsalCache((await locked.read()) ?? "");
  const find = (margin?: number) =>
    renewal.claims === undefined ? findUsableToken(session, cache, margin) : undefined;
  // Another process may have renewed it while we waited for the lock.
  const usable = find();
  if (usable) return usable;
  const accountId = cache && findAccountId(cache, session.query());
  const isBlind = isLoopbackAuthority(authority) && renewal.authorityMetadata === undefined;
  if (!cache || accountId === undefined || isBlind) throw createSignInRequiredError();
  if (!hasRefreshToken(cache, session.query(), accountId)) throw createSignInRequiredError();
  let isDead = false;
  const onRefusal = (refusal: OAuthError) => void (isDead ||= isDeadRefreshToken(refusal));
  try {
    return await renewByMsal(session, locked, { ...renewal, accountId, onRefusal });
  } catch (error) {
    if (isDead) await forgetSignIn(session, locked, accountId);
    const last = find(lastMarginSeconds);
    if (last && error instanceof AppError && isTransientSignInError(error)) return last;
    throw error;
  }
}

/**
 * Renews the token of whoever is signed in, holding the cache's lock from before it is read until after it
 * is written, so that several processes renew once.
 *
 * @throws `sign_in_required` when only a person can help; others as `TokenSource.getToken`
 */
export async function renewToken(
  session: EntraSession,
  cache: MsalCache | undefined,
  attempt: TokenAttempt,
): Promise<AccessToken> {
  const hasAccount = cache !== undefined && findAccountId(cache, session.query()) !== undefined;
  const authorityMetadata = hasAccount ? await readMetadata(session, attempt) : undefined;
  const locked = await session.cache.lock(attempt);
  try {
    return await renewLocked(session, locked, { ...attempt, authorityMetadata });
  } finally {
    await locked.release();
  }
}
