import { compactVerify } from "jose";
import { sleep } from "../../base/abort.ts";
import type { Clock } from "../../base/clock.ts";
import { AppError } from "../../base/errors.ts";
import type { Principal } from "../../base/principal.ts";
import type { SignatureAlgorithm } from "../../config/signature-algorithms.ts";
import type { Caller } from "./caller.ts";
import { type AccessPolicy, checkPermission } from "./check-permission.ts";
import {
  createHeaderReader,
  decodeClaims,
  splitToken,
  type TokenHeader,
  type TokenSegments,
} from "./decode-token.ts";
import type { DeniedTokens } from "./denied-tokens.ts";
import type { KeyStore } from "./key-store.ts";
import type { SigningKey } from "./signing-keys.ts";
import type { TokenAuthority } from "./token-authority.ts";
import { createTokenMemory, digestToken } from "./token-memory.ts";

export interface TokenVerifierOptions {
  readonly authority: TokenAuthority;
  readonly policy: AccessPolicy;
  /** Absent: no valid token is denied. */
  readonly deniedTokens?: DeniedTokens | undefined;
  /** So many verified tokens are remembered. 0: none. */
  readonly maxRemembered: number;
  readonly clock: Clock;
}

/** Decides who a token speaks for. */
export interface TokenVerifier {
  /**
   * Verifies an access token and returns its caller.
   *
   * @throws a reason code: 401 for tokens that are none of ours, 403 for callers who may not, 503
   *   `keys_unavailable` when it cannot be known at the moment
   */
  verify(token: string): Promise<Principal>;
  /**
   * The caller of a token that was verified before, undefined for any other. The characters of what is asked need not
   * be those of a token.
   *
   * @throws as `verify`, for callers who may not, or may not any more
   */
  readonly recall?: (token: string) => Principal | undefined;
  /** As `verify`; what is known at once is said, or thrown, at once. */
  readonly verifyNow?: (token: string) => Principal | Promise<Principal>;
  /** Whether keys were loaded. */
  isReady(): boolean;
  /** Loads the keys, again and again until it works or the signal fires. */
  warmUp(signal: AbortSignal): Promise<void>;
  /** Issuers of the tokens that are accepted; empty until they are known. */
  issuers(): readonly string[];
}

/** A token whose signature and claims were found good. */
interface Verified {
  readonly caller: Caller;
  readonly key: SigningKey;
  readonly keyStore: KeyStore;
}

/** A token that may be one of ours by its shape and its header. */
interface PresentedToken {
  readonly token: string;
  readonly segments: TokenSegments;
  readonly header: TokenHeader;
}

const warmUpIntervalMs = 1_000;

async function findKey(kid: string | undefined, keyStore: KeyStore): Promise<SigningKey> {
  const key = await keyStore.find(kid);
  if (key) return key;
  const message =
    kid === undefined
      ? "The token's header names no key (kid), and the issuer has more than one."
      : "The token is signed with a key that the issuer does not have.";
  throw new AppError("unknown_key", message);
}

async function checkSignature(token: string, algorithm: SignatureAlgorithm, key: SigningKey): Promise<void> {
  const publicKey = key.keys.get(algorithm);
  if (!publicKey) {
    throw new AppError("unsupported_algorithm", `The token's key is not one for ${algorithm}.`);
  }
  try {
    await compactVerify(token, publicKey, { algorithms: [algorithm] });
  } catch (cause) {
    throw new AppError("bad_signature", "The token's signature is not valid.", { cause });
  }
}

function checkNotDenied({ principal }: Caller, deniedTokens: DeniedTokens | undefined): void {
  const { tokenId, key } = principal;
  if (tokenId === undefined || !deniedTokens?.has(tokenId)) return;
  throw new AppError("token_revoked", "The token was revoked; sign in again.", { detail: `caller ${key}` });
}

/**
 * Creates the verifier. What a token says is checked before any key is looked for, so that tokens which cannot be
 * ours cost the issuer nothing; what the caller may do is checked last, and each time.
 */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { authority, policy, deniedTokens, maxRemembered, clock } = options;
  const memory = createTokenMemory<Verified>(maxRemembered, clock);

  const readHeader = createHeaderReader(authority.algorithms);

  async function verifyAnew({ token, segments, header }: PresentedToken): Promise<Verified> {
    const claims = decodeClaims(segments);
    const keyStore = await authority.checkClaims(claims);
    const key = await findKey(header.kid, keyStore);
    authority.checkKey(key, claims);
    await checkSignature(token, header.algorithm, key);
    const verified = { caller: authority.toCaller(claims), key, keyStore };
    memory.set(digestToken(token), verified, verified.caller.principal.expiresAtSeconds * 1000);
    return verified;
  }

  /** What is decided each time, also about remembered tokens. */
  function admit({ caller }: Verified): Principal {
    checkNotDenied(caller, deniedTokens);
    checkPermission(caller, policy);
    return caller.principal;
  }

  function recall(token: string): Principal | undefined {
    if (maxRemembered === 0) return undefined;
    const digest = digestToken(token);
    const verified = memory.get(digest);
    if (!verified) return undefined;
    if (verified.keyStore.holds(verified.key)) return admit(verified);
    memory.delete(digest);
    return undefined;
  }

  function verifyNow(token: string): Principal | Promise<Principal> {
    const segments = splitToken(token);
    const header = readHeader(segments.header);
    return recall(token) ?? verifyAnew({ token, segments, header }).then(admit);
  }

  return {
    recall,
    verifyNow,
    verify: async (token) => verifyNow(token),
    isReady: () => authority.isReady(),
    async warmUp(signal) {
      while (!signal.aborted) {
        const isLoaded = await authority.load().then(
          () => true,
          () => false,
        );
        if (isLoaded) return;
        await sleep(warmUpIntervalMs, { signal }).catch(() => {});
      }
    },
    issuers: () => authority.issuers(),
  };
}
