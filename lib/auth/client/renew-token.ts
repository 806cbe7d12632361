import { AppError } from "../../base/errors.ts";
import { cacheEnvironmentsOf, isLoopbackAuthority } from "./authority.ts";
import { findAccountId } from "./choose-account.ts";
import {
  acquireByMsal,
  type EntraSession,
  findUsableToken,
  lastMarginSeconds,
  readMetadata,
  type TokenAttempt,
} from "./entra-session.ts";
import { createLockedCachePlugin, createPublicApplication } from "./msal-application.ts";
import { type MsalCache, parseMsalCache } from "./msal-cache.ts";
import { createTokenPost } from "./msal-network.ts";
import { createSignInRequiredError, isTransientSignInError } from "./sign-in-error.ts";
import type { LockedTokenCache } from "./token-cache.ts";
import type { AccessToken } from "./token-source.ts";

interface Renewal extends TokenAttempt {
  readonly authorityMetadata: string | undefined;
}

async function renewByMsal(
  session: EntraSession,
  locked: LockedTokenCache,
  renewal: Renewal & { readonly accountId: string },
): Promise<AccessToken> {
  const { authority, scope, fetch } = session.options;
  const { signal, claims, accountId, authorityMetadata } = renewal;
  const environments = cacheEnvironmentsOf(authority);
  const { token } = await acquireByMsal(session, {
    signal,
    authorityMetadata,
    post: createTokenPost({ signal, fetch }, "renewal"),
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
  if (accountId === undefined || isBlind) throw createSignInRequiredError();
  try {
    return await renewByMsal(session, locked, { ...renewal, accountId });
  } catch (error) {
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
