import { nowSeconds } from "../base/clock.ts";
import { people, type PersonId } from "./people.ts";
import { apiUri } from "./registration.ts";
import type { SigningKey } from "./signing-keys.ts";
import type { TenantState } from "./tenant-state.ts";
import { accessTokenClaims, type Claims, idTokenClaims, type TokenVersion } from "./token-claims.ts";

/** What is odd about an access token made for a test; without any member it is a good one. */
export interface AccessTokenOverrides {
  /** Default `ada`. */
  readonly person?: PersonId;
  /** Default: what the API's registration asks for. */
  readonly version?: TokenVersion;
  /** Short names for `scp`. Default `execute`. */
  readonly scopes?: readonly string[];
  /** `aud` of a v1.0 token. Default: the App ID URI. */
  readonly resource?: string;
  /** Default: the dev tenant's; negative makes an expired token. */
  readonly lifetimeSeconds?: number;
  /** Claims set last of all; null or undefined removes one. */
  readonly claims?: Claims;
  /** Header members set last of all; null or undefined removes one. What `alg` says does not change how we sign. */
  readonly header?: Claims;
  /** `foreign` signs with an unpublished key under the current `kid`; `none` leaves the signature empty. */
  readonly key?: "current" | "foreign" | "none";
}

function override(values: Claims, overrides: Claims = {}): Claims {
  const entries = Object.entries({ ...values, ...overrides });
  return Object.fromEntries(entries.filter(([, value]) => value !== null && value !== undefined));
}

function encode(data: string | Uint8Array): string {
  return Buffer.from(data).toString("base64url");
}

/** JWS compact serialisation by hand (RFC 7515 section 7.1): jose would refuse to make what tests need. */
async function signToken(header: Claims, claims: Claims, key: SigningKey | undefined): Promise<string> {
  const input = `${encode(JSON.stringify(header))}.${encode(JSON.stringify(claims))}`;
  const signature = key ? await key.sign(new TextEncoder().encode(input)) : new Uint8Array();
  return `${input}.${encode(signature)}`;
}

function tokenHeader({ kid, x5t }: SigningKey["publicKey"], version: TokenVersion): Claims {
  return { typ: "JWT", alg: "RS256", ...(version === "1.0" ? { x5t } : {}), kid };
}

async function selectKey(
  state: TenantState,
  key: AccessTokenOverrides["key"],
): Promise<SigningKey | undefined> {
  if (key === "none") return undefined;
  return key === "foreign" ? state.keys.foreign() : state.keys.current();
}

/** Mints and registers an access token for the API. */
export async function mintAccessToken(
  state: TenantState,
  overrides: AccessTokenOverrides = {},
): Promise<string> {
  const version = overrides.version ?? state.tokenVersion;
  const claims = accessTokenClaims({
    origin: state.origin,
    person: people[overrides.person ?? "ada"],
    version,
    scopes: overrides.scopes ?? ["execute"],
    resource: overrides.resource ?? apiUri,
    issuedAtSeconds: nowSeconds(state.clock),
    lifetimeSeconds: overrides.lifetimeSeconds ?? state.tokenLifetimeSeconds,
  });
  const header = override(tokenHeader(state.keys.current().publicKey, version), overrides.header);
  const key = await selectKey(state, overrides.key);
  return state.secrets.add("access_token", await signToken(header, override(claims, overrides.claims), key));
}

/** Who an id token is about, and whether `email` was asked for. */
export interface IdTokenRequest {
  readonly person: PersonId;
  readonly hasEmail: boolean;
}

/** Mints and registers an id token for the public client. */
export async function mintIdToken(state: TenantState, request: IdTokenRequest): Promise<string> {
  const key = state.keys.current();
  const claims = idTokenClaims(
    {
      origin: state.origin,
      person: people[request.person],
      issuedAtSeconds: nowSeconds(state.clock),
      lifetimeSeconds: state.tokenLifetimeSeconds,
    },
    request.hasEmail,
  );
  return state.secrets.add("id_token", await signToken(tokenHeader(key.publicKey, "2.0"), claims, key));
}
