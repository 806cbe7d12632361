/** The grants that are counted each on its own; all others are one. */
export type CountedGrant =
  "authorization_code" | "client_credentials" | "device_code" | "refresh_token" | "other";

/** How often each endpoint was asked since the start. Plain data, live: read it or print it as JSON. */
export interface Counts {
  /** Both forms of the OpenID configuration. */
  discovery: number;
  /** `/common/discovery/instance`. */
  instance: number;
  jwks: number;
  devicecode: number;
  /** Sign-ins begun in a browser. */
  authorize: number;
  /** Requests to the token endpoint by grant and by outcome: `ok` or the answer's `error`. */
  readonly token: Readonly<Record<CountedGrant, Record<string, number>>>;
}

/** All counts at zero. */
export function createCounts(): Counts {
  return {
    discovery: 0,
    instance: 0,
    jwks: 0,
    devicecode: 0,
    authorize: 0,
    token: { authorization_code: {}, client_credentials: {}, device_code: {}, refresh_token: {}, other: {} },
  };
}

/** Counts an answer of the token endpoint. */
export function countToken(counts: Counts, grant: CountedGrant, outcome: string): void {
  const outcomes = counts.token[grant];
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
}
