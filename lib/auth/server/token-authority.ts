import type { SignatureAlgorithm } from "../../config/signature-algorithms.ts";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Caller } from "./caller.ts";
import type { Claims } from "./claims.ts";
import type { KeyStore, KeyStoreTimes } from "./key-store.ts";
import type { SigningKey } from "./signing-keys.ts";

/** Whose tokens are accepted: Entra's for some tenants, or another issuer's. */
export interface TokenAuthority {
  /** Accepted values of `alg`. */
  readonly algorithms: readonly SignatureAlgorithm[];
  /**
   * Checks the claims, still unverified, and says where the key of such a token is to be found.
   *
   * @throws a 401 reason code; `keys_unavailable` when it cannot be known at the moment whose token it is
   */
  checkClaims(claims: Claims): Promise<KeyStore>;
  /** Checks that a key may sign a token with these claims. @throws `wrong_issuer` */
  checkKey(key: SigningKey, claims: Claims): void;
  /** Reads the caller from verified claims. */
  toCaller(claims: Claims): Caller;
  /** Issuers as the metadata name them; empty until they are known. */
  issuers(): readonly string[];
  /** Whether there are keys. */
  isReady(): boolean;
  /** Loads what is missing. @throws `keys_unavailable` */
  load(): Promise<void>;
}

/** What every authority needs. */
export interface AuthorityOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Seconds by which clocks may differ. */
  readonly skewSeconds: number;
  readonly keyTimes: KeyStoreTimes;
  /** Milliseconds for one document of the issuer. */
  readonly fetchTimeoutMs: number;
}
