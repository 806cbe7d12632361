import type { AuthenticationResult, ICachePlugin } from "@azure/msal-node";
import type { Abortable } from "../../base/abort.ts";
import { type Clock, nowSeconds, systemClock } from "../../base/clock.ts";
import { AppError } from "../../base/errors.ts";
import type { Log } from "../../base/log.ts";
import { type EntraAuthority, isLoopbackAuthority } from "./authority.ts";
import { readAuthorityMetadata } from "./authority-metadata.ts";
import { findAccountId } from "./choose-account.ts";
import { findCachedAccessToken, type TokenQuery } from "./cached-access-token.ts";
import { findClaims, readClaimsChallenge } from "./claims-challenge.ts";
import type { DeviceCodePrompt, SignInWait } from "./device-code.ts";
import type { Fetch } from "./fetch-json.ts";
import type { LoginMode } from "../../config/sign-in-options.ts";
import type { MsalApplicationOptions } from "./msal-application.ts";
import type { MsalCache } from "./msal-cache.ts";
import { createMsalNetwork, type PostHandler } from "./msal-network.ts";
import type { BrowserPrompt } from "./browser-code.ts";
import { openTokenCache, type TokenCache } from "./token-cache.ts";
import type { AccessToken, TokenRequest } from "./token-source.ts";

/** Tokens are renewed this long before they end. */
const marginSeconds = 300;
/** When a new token cannot be got for now, one that lives this much longer is still used. */
export const lastMarginSeconds = 15;
const maxRejected = 50;

/** With what tokens are got and where they are kept. */
export interface EntraTokensOptions extends Pick<TokenQuery, "caller" | "account"> {
  readonly authority: EntraAuthority;
  readonly clientId: string;
  /** One or several fully qualified scopes of one API, separated by blanks, or `<resource>/.default`. */
  readonly scope: string;
  /** Relative paths are relative to the current folder. */
  readonly cachePath: string;
  /** How a person signs in. Default `auto`: device code, and a browser where a policy blocks device code. */
  readonly login?: LoginMode | undefined;
  /** Shows a person where to sign in, and opens it where a browser can be opened. Absent: none can be used. */
  readonly showAddress?: ((prompt: BrowserPrompt) => void) | undefined;
  /** Shows a person where to sign in and with which code. Absent: nobody may be asked. */
  readonly showDeviceCode?: ((prompt: DeviceCodePrompt) => void) | undefined;
  readonly onWait?: ((wait: SignInWait) => void) | undefined;
  readonly clock?: Clock | undefined;
  readonly log?: Log | undefined;
  /** Default: the global one. */
  readonly fetch?: Fetch | undefined;
  /** How polling waits; for tests. */
  readonly sleep?: ((ms: number, options: Abortable) => Promise<void>) | undefined;
}

/** What renewing and signing in share. */
export interface EntraSession {
  readonly options: EntraTokensOptions;
  readonly cache: TokenCache;
  readonly isRejected: (value: string) => boolean;
  /** Which tokens count: once somebody has signed in here, theirs. */
  query(): TokenQuery;
  /** Notes who has signed in. */
  choose(accountId: string): void;
  /**
   * Notes what a caller says about the last token and takes what it wants of the next one.
   *
   * @throws `protocol_error` for a claims challenge that cannot be read
   */
  note(request: TokenRequest): TokenAttempt;
  /** The same session for another scope of the same API. */
  withScope(scope: string): EntraSession;
}

/** Keeps the latest ones only: an older one has ended, or the cache has long lost it. */
function remember(rejected: Set<string>, value: string): void {
  rejected.add(value);
  for (const oldest of rejected) {
    if (rejected.size <= maxRejected) return;
    rejected.delete(oldest);
  }
}

/** A claims challenge that the caller passes on, or that stands in the 401 it got. */
function claimsOf({ claims, challenged }: TokenRequest): string | undefined {
  const wanted = claims ?? (challenged && findClaims(challenged));
  return wanted === undefined ? undefined : readClaimsChallenge(wanted);
}

/** Opens a session. Touches nothing yet. */
export function createSession(options: EntraTokensOptions): EntraSession {
  const onWait = () => options.onWait?.({ reason: "lock", seconds: 0 });
  const cache = openTokenCache({ path: options.cachePath, clock: options.clock, log: options.log, onWait });
  const rejected = new Set<string>();
  let chosen: string | undefined;
  const open = (current: EntraTokensOptions): EntraSession => ({
    options: current,
    cache,
    query: () => (chosen === undefined ? current : { ...current, account: chosen }),
    choose(accountId) {
      chosen = accountId;
    },
    isRejected: (value) => rejected.has(value),
    note(request) {
      if (request.rejected !== undefined) remember(rejected, request.rejected);
      return { signal: request.signal, claims: claimsOf(request) };
    },
    withScope: (scope) => open({ ...current, scope }),
  });
  return open(options);
}

/** One attempt to get a token from the sign-in service. */
export interface TokenAttempt extends Abortable {
  /** JSON of a claims challenge. */
  readonly claims?: string | undefined;
}

/** The cached token that is good enough, by default one that lives for more than 300 s. */
export function findUsableToken(
  { options, isRejected, query }: EntraSession,
  cache: MsalCache | undefined,
  margin = marginSeconds,
): AccessToken | undefined {
  const now = nowSeconds(options.clock ?? systemClock);
  const accountId = cache && findAccountId(cache, query());
  if (!cache || accountId === undefined) return undefined;
  const filter = { nowSeconds: now, marginSeconds: margin, isRejected, accountId };
  return findCachedAccessToken(cache, options, filter);
}

/** Only a dev tenant has to be asked for its endpoints; to be done before the lock is taken. */
export async function readMetadata(
  { options }: EntraSession,
  { signal }: Abortable,
): Promise<string | undefined> {
  const { authority, fetch } = options;
  return isLoopbackAuthority(authority) ? readAuthorityMetadata(authority, { signal, fetch }) : undefined;
}

function toAccessToken({ isRejected }: EntraSession, result: AuthenticationResult): AccessToken {
  const value = result.accessToken;
  const expiresAtSeconds = Math.floor((result.expiresOn?.getTime() ?? 0) / 1000);
  // What could not stand in a header is no token.
  if (!/^[\x21-\x7e]+$/.test(value)) {
    throw new AppError("sign_in_failed", "The sign-in service gave no access token.", {
      hint: "Check --scope.",
    });
  }
  if (!isRejected(value)) return { value, expiresAtSeconds };
  throw new AppError("token_refused", "The server refuses the token, and renewing it gives the same one.", {
    hint: "Check that --scope belongs to this server.",
  });
}

/** How MSAL is to be called, with an application for people or for machines. */
export interface MsalCall<Application> extends Abortable {
  readonly post: PostHandler;
  readonly cachePlugin: ICachePlugin;
  readonly authorityMetadata: string | undefined;
  readonly createApplication: (parts: MsalApplicationOptions) => Promise<Application>;
  readonly acquire: (application: Application) => Promise<AuthenticationResult | null>;
}

/**
 * Loads MSAL and lets it get a token.
 *
 * @throws `sign_in_failed`, `token_refused`; what the network, the cache or the caller's signal throw
 */
export async function acquireByMsal<Application>(session: EntraSession, call: MsalCall<Application>) {
  const { authority, clientId } = session.options;
  const { signal, cachePlugin, authorityMetadata } = call;
  const network = createMsalNetwork(call.post, { signal });
  const result = await network.run(async () => {
    const parts = { authority, clientId, network: network.module, cachePlugin, authorityMetadata };
    return call.acquire(await call.createApplication(parts));
  });
  if (!result) throw new AppError("sign_in_failed", "The sign-in service gave no access token.");
  return { token: toAccessToken(session, result), tenantId: result.tenantId, account: result.account };
}
