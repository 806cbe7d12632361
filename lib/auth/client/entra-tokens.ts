import type { Abortable } from "../../base/abort.ts";
import { AppError } from "../../base/errors.ts";
import {
  createSession,
  type EntraSession,
  type EntraTokensOptions,
  findUsableToken,
  type TokenAttempt,
} from "./entra-session.ts";
import { renewToken } from "./renew-token.ts";
import { canSignIn, signIn } from "./sign-in.ts";
import { findSignedInAccount, listSignedInAccounts, type SignedInAccount } from "./signed-in-account.ts";
import type { AccessToken, TokenSource, WideningRequest } from "./token-source.ts";
import { Widening } from "./widening.ts";

/** Signing in at Microsoft Entra. */
export interface EntraTokens extends TokenSource {
  /**
   * Signs a person in, whatever the cache holds.
   *
   * @throws as {@link TokenSource.getToken}
   */
  signIn(options?: Abortable): Promise<AccessToken>;
  /**
   * A token with the scope of the same API that a 403 asks for: by renewal, or from a person where one may be asked;
   * once for each scope. Undefined where there is none to be had.
   *
   * @throws as {@link TokenSource.getToken}, but for `sign_in_required`
   */
  widenToken(request: WideningRequest): Promise<AccessToken | undefined>;
  /** Everybody who is signed in, from the cache alone, the latest first; only the account that was asked for. */
  listAccounts(): Promise<readonly SignedInAccount[]>;
  /**
   * Who is signed in, from the cache alone.
   *
   * @throws `several_accounts`
   */
  readAccount(): Promise<SignedInAccount | undefined>;
}

async function getToken(session: EntraSession, attempt: TokenAttempt): Promise<AccessToken> {
  attempt.signal?.throwIfAborted();
  const cache = await session.cache.peek();
  const usable = attempt.claims === undefined ? findUsableToken(session, cache) : undefined;
  if (usable) return usable;
  try {
    return await renewToken(session, cache, attempt);
  } catch (error) {
    const needsPerson = error instanceof AppError && error.code === "sign_in_required";
    if (!needsPerson || !canSignIn(session)) throw error;
    return signIn(session, attempt);
  }
}

/**
 * Makes a source of access tokens for one API from one tenant. Touches nothing yet; MSAL is loaded only when
 * the cache holds no token that can be used as it is.
 */
export function createEntraTokens(options: EntraTokensOptions): EntraTokens {
  const session = createSession(options);
  const widening = new Widening(session, getToken);
  return {
    async getToken(request = {}) {
      return getToken(widening.session, session.note(request));
    },
    widenToken: (request) => widening.widen(request),
    signIn: ({ signal } = {}) => signIn(session, { signal }),
    async listAccounts() {
      const found = await session.cache.peek();
      return found ? listSignedInAccounts(found, session.query()) : [];
    },
    async readAccount() {
      const found = await session.cache.peek();
      return found && findSignedInAccount(found, session.query());
    },
  };
}
