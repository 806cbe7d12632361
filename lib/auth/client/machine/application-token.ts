import { AppError } from "../../../base/errors.ts";
import { systemClock } from "../../../base/clock.ts";
import { isTransientSignInError } from "../sign-in-error.ts";
import {
  acquireByMsal,
  type EntraSession,
  findUsableToken,
  lastMarginSeconds,
  readMetadata,
  type TokenAttempt,
} from "../entra-session.ts";
import { createConfidentialApplication, createLockedCachePlugin } from "../msal-application.ts";
import { parseMsalCache } from "../msal-cache.ts";
import { createTokenPost } from "../msal-network.ts";
import type { LockedTokenCache } from "../token-cache.ts";
import type { AccessToken } from "../token-source.ts";
import { type ClientCredential, readClientProof } from "./client-proof.ts";

/** How a token is asked for. */
export interface ApplicationAttempt extends TokenAttempt {
  readonly credential: ClientCredential;
  /** Whether a cached token is good enough. */
  readonly mayUseCache: boolean;
}

async function askEntra(
  session: EntraSession,
  locked: LockedTokenCache,
  attempt: ApplicationAttempt & { readonly authorityMetadata: string | undefined },
): Promise<AccessToken> {
  const { clock = systemClock, fetch, scope } = session.options;
  const { signal, claims, authorityMetadata } = attempt;
  const proof = await readClientProof(attempt.credential, clock);
  const { token } = await acquireByMsal(session, {
    signal,
    authorityMetadata,
    post: createTokenPost({ signal, fetch }, "application"),
    cachePlugin: createLockedCachePlugin(locked),
    createApplication: (parts) => createConfidentialApplication(parts, proof),
    acquire: (application) =>
      application.acquireTokenByClientCredential({
        scopes: [scope],
        skipCache: true,
        ...(claims === undefined ? {} : { claims }),
      }),
  });
  return token;
}

/**
 * Gets an application its own token: the cached one, else a new one while the cache's lock is held, so that of many
 * processes one asks.
 *
 * @throws as `TokenSource.getToken`; `invalid_config` for a credential that cannot be read
 */
export async function getApplicationToken(
  session: EntraSession,
  attempt: ApplicationAttempt,
): Promise<AccessToken> {
  const { signal, claims } = attempt;
  signal?.throwIfAborted();
  const mayUseCache = attempt.mayUseCache && claims === undefined;
  const usable = mayUseCache ? findUsableToken(session, await session.cache.peek()) : undefined;
  if (usable) return usable;
  const authorityMetadata = await readMetadata(session, { signal });
  const locked = await session.cache.lock({ signal });
  try {
    const cache = mayUseCache ? parseMsalCache((await locked.read()) ?? "") : undefined;
    // Another process may have got one while we waited for the lock.
    const fresh = findUsableToken(session, cache);
    if (fresh) return fresh;
    try {
      return await askEntra(session, locked, { ...attempt, authorityMetadata });
    } catch (error) {
      const last = findUsableToken(session, cache, lastMarginSeconds);
      if (last && error instanceof AppError && isTransientSignInError(error)) return last;
      throw error;
    }
  } finally {
    await locked.release();
  }
}
