import { nowSeconds } from "../base/clock.ts";
import { AppError } from "../base/errors.ts";
import { quote } from "../base/text.ts";
import { people, type PersonId } from "./people.ts";
import { apiUri, graphClientId } from "./registration.ts";
import type { TenantState } from "./tenant-state.ts";
import {
  accessTokenClaims,
  appTokenClaims,
  type Claims,
  graphTokenClaims,
  idTokenClaims,
} from "./token-claims.ts";
import { type AccessTokenOverrides, findBadOverride } from "./token-overrides.ts";
import { selectSigner, type TokenSigner } from "./token-signer.ts";
import { setSegments, writePart, writeSignature } from "./token-text.ts";

/** Beyond so many characters a token is registered by its signature alone, or a few would fill the memory. */
const maxRegisteredLength = 16_384;

function override(values: Claims, overrides: Claims = {}): Claims {
  const entries = Object.entries({ ...values, ...overrides });
  return Object.fromEntries(entries.filter(([, value]) => value !== null && value !== undefined));
}

function makeClaims(state: TenantState, overrides: AccessTokenOverrides): Claims {
  const { kind = "user", version = state.tokenVersion } = overrides;
  const issue = {
    origin: state.origin,
    issuedAtSeconds: nowSeconds(state.clock),
    lifetimeSeconds: overrides.lifetimeSeconds ?? state.tokenLifetimeSeconds,
  };
  const person = people[overrides.person ?? "ada"];
  const { scopes = ["execute"], resource = apiUri } = overrides;
  switch (kind) {
    case "user":
      return accessTokenClaims({ ...issue, person, version, scopes, resource });
    case "app":
      return appTokenClaims({ ...issue, version, resource });
    case "id":
      return idTokenClaims({ ...issue, person });
    case "graph": {
      const graph = {
        scopes: overrides.scopes ?? ["User.Read"],
        resource: overrides.resource ?? graphClientId,
      };
      return graphTokenClaims({ ...issue, person, ...graph });
    }
  }
}

function makeHeader(state: TenantState, { kid, alg }: TokenSigner, overrides: AccessTokenOverrides): Claims {
  const { kind = "user", version = state.tokenVersion } = overrides;
  const hasThumbprint = kind === "graph" || (kind !== "id" && version === "1.0");
  const nonce = kind === "graph" ? { nonce: crypto.randomUUID() } : {};
  return { typ: "JWT", ...nonce, alg, ...(hasThumbprint ? { x5t: kid } : {}), kid };
}

/** What a token for Graph is signed over has the hash of its nonce in the nonce's place. */
function hashNonce(header: Claims): Claims {
  return {
    ...header,
    nonce: new Bun.CryptoHasher("sha256").update(String(header["nonce"])).digest("base64url"),
  };
}

/** JWS compact serialisation by hand (RFC 7515 section 7.1): jose would refuse to make what tests need. */
async function mint(state: TenantState, claims: Claims, overrides: AccessTokenOverrides): Promise<string> {
  const signer = await selectSigner(state, overrides);
  const header = override(makeHeader(state, signer, overrides), overrides.header);
  const written = writePart(header, overrides.rawHeader);
  const signed = overrides.kind === "graph" ? writePart(hashNonce(header)) : written;
  const body = writePart(override(claims, overrides.claims), overrides.rawClaims);
  const bytes = signer.sign(new TextEncoder().encode(`${signed}.${body}`));
  const signature = writeSignature(bytes, overrides.signature);
  const token = `${written}.${body}.${signature}`;
  const secret = token.length > maxRegisteredLength ? signature : token;
  state.secrets.add(overrides.kind === "id" ? "id_token" : "access_token", secret);
  return setSegments(token, overrides.segments ?? 3) + (overrides.suffix ?? "");
}

/**
 * Mints an access token for the API, or what the overrides make of it. Registers it as a plain token, without
 * what was added or cut off at its end, so that a search also finds that in it which others could use.
 *
 * @throws `usage` for overrides that {@link findBadOverride} finds bad
 */
export async function mintAccessToken(
  state: TenantState,
  overrides: AccessTokenOverrides = {},
): Promise<string> {
  const bad = findBadOverride({ ...overrides });
  if (bad !== undefined) {
    throw new AppError(
      "usage",
      `The token override ${quote(bad)} is unknown, out of bounds or has no effect.`,
    );
  }
  const { paddingLength = 0 } = overrides;
  const padding = paddingLength === 0 ? {} : { padding: "x".repeat(paddingLength) };
  return mint(state, { ...makeClaims(state, overrides), ...padding }, overrides);
}

/** Who an id token is about, and whether `email` was asked for. */
export interface IdTokenRequest {
  readonly person: PersonId;
  readonly hasEmail: boolean;
  /** As the application sent it. */
  readonly nonce?: string | undefined;
}

/** Mints and registers an id token for the public client. */
export async function mintIdToken(
  state: TenantState,
  { person, hasEmail, nonce }: IdTokenRequest,
): Promise<string> {
  const claims = {
    ...(hasEmail ? { email: people[person].username } : {}),
    ...(nonce === undefined ? {} : { nonce }),
  };
  return mintAccessToken(state, { kind: "id", person, claims });
}
