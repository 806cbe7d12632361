/**
 * What the JWKS endpoints do. In place of the key set: `error` answers 500, `html` 200 with a page, `not-json`
 * 200 with JSON that is cut off, `hang` nothing for up to 30 s, `redirect` 302 to the good set at another path,
 * `empty` no keys, `oversized` the good set with 2 MiB of padding and without `Content-Length`.
 *
 * Beside the good keys, and before them: `weak` a key of 1024 bits, once as it is and once with zero bytes before
 * `n` so that it looks like 2048 (they sign as `weak` and `weak-padded`); `symmetric` an `oct` key (`symmetric`);
 * `encryption` a key for encryption (`encryption`); `foreign-issuer` a key of another tenant and one of the tenant
 * of personal accounts, by their `issuer` (`foreign-issuer`, `msa-issuer`). With `duplicate` a second key stands
 * under the current `kid` (`foreign`), so that the current one is bad as well; older ones stay good.
 */
export const jwksFaults = [
  "ok",
  "error",
  "html",
  "not-json",
  "hang",
  "redirect",
  "empty",
  "oversized",
  "weak",
  "symmetric",
  "encryption",
  "foreign-issuer",
  "duplicate",
] as const;

/** What goes wrong on purpose. Everything is off by default. */
export interface FaultSettings {
  /** What the JWKS endpoints do, see {@link jwksFaults}. */
  readonly jwks: (typeof jwksFaults)[number];
  /** Leaves the good keys out of the JWKS: the bad ones of `jwks` stand in their place. */
  readonly hideGoodKeys: boolean;
  /** Milliseconds by which every protocol answer is late, 0 to 20000. */
  readonly delayMs: number;
  /** So many of the next device code polls get `slow_down`. */
  readonly slowDownPolls: number;
  /** So many of the next requests to the device code and token endpoints get 429. */
  readonly throttledRequests: number;
  /** `Retry-After` of the 429, in seconds. */
  readonly retryAfterSeconds: number;
  /** So many of the next device code polls and refreshes are blocked by Conditional Access (AADSTS53003). */
  readonly conditionalAccessBlocks: number;
  /** The device code endpoint answers AADSTS7000218, as when "Allow public client flows" is off. */
  readonly publicClientFlowsOff: boolean;
  /** Refuses every refresh: as expired (AADSTS700082) or after a password change (AADSTS50173). */
  readonly refuseRefresh: "no" | "expired" | "revoked";
  /**
   * Holds the first refresh until so many clients have arrived; 0 is off. An arrival is a request for an
   * OpenID configuration since the fault was set. Held for `holdLimitMs` at most.
   */
  readonly holdRefreshUntilClients: number;
  /** Milliseconds, 1 to 20000. */
  readonly holdLimitMs: number;
  /** Seconds for which the next device codes are good, 1 to 900; 0 leaves it at the tenant's own. */
  readonly deviceCodeLifetimeSeconds: number;
  /** Seconds for which the next access tokens are good, 1 to 86400; 0 leaves it at the tenant's own. */
  readonly tokenLifetimeSeconds: number;
  /** A used refresh token that comes again revokes all that descend from the same sign-in. */
  readonly revokeOnReuse: boolean;
}

/** No faults. */
export const noFaults: FaultSettings = {
  jwks: "ok",
  hideGoodKeys: false,
  delayMs: 0,
  slowDownPolls: 0,
  throttledRequests: 0,
  retryAfterSeconds: 1,
  conditionalAccessBlocks: 0,
  publicClientFlowsOff: false,
  refuseRefresh: "no",
  holdRefreshUntilClients: 0,
  holdLimitMs: 15_000,
  deviceCodeLifetimeSeconds: 0,
  tokenLifetimeSeconds: 0,
  revokeOnReuse: false,
};

type Check = (value: unknown) => boolean;

const isBoolean: Check = (value) => typeof value === "boolean";
const isOneOf =
  (...words: string[]): Check =>
  (value) =>
    typeof value === "string" && words.includes(value);
const isWhole =
  (min: number, max: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max;

const checks: Readonly<Record<keyof FaultSettings, Check>> = {
  jwks: isOneOf(...jwksFaults),
  hideGoodKeys: isBoolean,
  delayMs: isWhole(0, 20_000),
  slowDownPolls: isWhole(0, 1000),
  throttledRequests: isWhole(0, 1000),
  retryAfterSeconds: isWhole(0, 3600),
  conditionalAccessBlocks: isWhole(0, 1000),
  publicClientFlowsOff: isBoolean,
  refuseRefresh: isOneOf("no", "expired", "revoked"),
  holdRefreshUntilClients: isWhole(0, 100),
  holdLimitMs: isWhole(1, 20_000),
  deviceCodeLifetimeSeconds: isWhole(0, 900),
  tokenLifetimeSeconds: isWhole(0, 86_400),
  revokeOnReuse: isBoolean,
};

/** The first member that is unknown or has a wrong value, or undefined where all is well. */
export function findBadFault(settings: Readonly<Record<string, unknown>>): string | undefined {
  return Object.entries(settings).find(([name, value]) => {
    return !Object.hasOwn(checks, name) || !checks[name as keyof FaultSettings](value);
  })?.[0];
}
