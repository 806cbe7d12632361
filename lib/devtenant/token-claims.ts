import type { Person } from "./people.ts";
import {
  apiClientId,
  daemonClientId,
  daemonObjectId,
  graphClientId,
  publicClientId,
  publicClientName,
  tenantId,
} from "./registration.ts";

/** The token version that the API's registration asks for (`requestedAccessTokenVersion`). */
export type TokenVersion = "1.0" | "2.0";

/** Where and when a token comes into being. */
export interface IssueInput {
  /** e.g. `http://127.0.0.1:4000`. */
  readonly origin: string;
  readonly issuedAtSeconds: number;
  readonly lifetimeSeconds: number;
}

/** What the claims of a person's token are made of. */
export interface ClaimsInput extends IssueInput {
  readonly person: Person;
}

/** What the claims of an app's own access token are made of. */
export interface AppClaimsInput extends IssueInput {
  readonly version: TokenVersion;
  /** `aud` of a v1.0 token: the API as the client named it. A v2.0 token always has the client id. */
  readonly resource: string;
}

/** What the claims of a person's access token are made of. */
export interface AccessClaimsInput extends ClaimsInput, AppClaimsInput {
  /** Short names for `scp`. */
  readonly scopes: readonly string[];
}

/** Claims by name. */
export type Claims = Readonly<Record<string, unknown>>;

/** The issuer of v2.0 tokens. */
export function issuerV2(origin: string): string {
  return `${origin}/${tenantId}/v2.0`;
}

/** Where v1.0 tokens come from: stands for `https://sts.windows.net`. */
export function stsUrl(origin: string): string {
  return `${origin}/sts`;
}

/** The issuer of v1.0 tokens, with Entra's slash at its end. */
export function issuerV1(origin: string): string {
  return `${stsUrl(origin)}/${tenantId}/`;
}

/** `sub` is pairwise: another one for each application. */
function pairwiseSubject(person: Person, audience: string): string {
  return new Bun.CryptoHasher("sha256").update(`${person.objectId} ${audience}`).digest("base64url");
}

function randomId(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(bytes)).toBase64({ alphabet: "base64url", omitPadding: true });
}

/** What all tokens have in common. */
function issueClaims({ issuedAtSeconds, lifetimeSeconds }: IssueInput): Claims {
  return {
    iat: issuedAtSeconds,
    nbf: issuedAtSeconds,
    exp: issuedAtSeconds + lifetimeSeconds,
    tid: tenantId,
    rh: `1.${randomId(18)}.`,
    uti: randomId(16),
  };
}

/** What access and id tokens of people have in common. */
function personClaims(input: ClaimsInput): Claims {
  const { person, origin } = input;
  return {
    ...issueClaims(input),
    name: person.name,
    oid: person.objectId,
    ...(person.homeTenantId === undefined
      ? {}
      : { idp: `${stsUrl(origin)}/${person.homeTenantId}/`, acct: 1 }),
  };
}

/** The claims of an access token for the API. */
export function accessTokenClaims(input: AccessClaimsInput): Claims {
  const { origin, person } = input;
  const both = {
    ...personClaims(input),
    aio: randomId(32),
    scp: input.scopes.join(" "),
    sub: pairwiseSubject(person, apiClientId),
    ver: input.version,
  };
  if (input.version === "2.0") {
    return {
      ...both,
      aud: apiClientId,
      iss: issuerV2(origin),
      azp: publicClientId,
      azpacr: "0",
      preferred_username: person.username,
    };
  }
  return {
    ...both,
    aud: input.resource,
    iss: issuerV1(origin),
    acr: "1",
    amr: ["pwd"],
    appid: publicClientId,
    appidacr: "0",
    unique_name: person.username,
    upn: person.userPrincipalName,
  };
}

/** The claims of the daemon's access token; roles and the optional `idtyp` are for the caller to add. */
export function appTokenClaims(input: AppClaimsInput): Claims {
  const { origin, version, resource } = input;
  const both = {
    ...issueClaims(input),
    aio: randomId(32),
    oid: daemonObjectId,
    sub: daemonObjectId,
    ver: version,
  };
  if (version === "2.0") {
    return { ...both, aud: apiClientId, iss: issuerV2(origin), azp: daemonClientId, azpacr: "1" };
  }
  // `idp` equals `iss`: the app is no guest.
  const iss = issuerV1(origin);
  return { ...both, aud: resource, iss, idp: iss, appid: daemonClientId, appidacr: "1" };
}

/** The claims of an access token for Microsoft Graph, which is always v1.0. */
export function graphTokenClaims(input: Omit<AccessClaimsInput, "version">): Claims {
  return {
    ...accessTokenClaims({ ...input, version: "1.0" }),
    sub: pairwiseSubject(input.person, graphClientId),
    app_displayname: publicClientName,
  };
}

/** The claims of an id token for the public client; always v2.0, as the v2.0 endpoint makes it. */
export function idTokenClaims(input: ClaimsInput): Claims {
  return {
    ...personClaims(input),
    aud: publicClientId,
    iss: issuerV2(input.origin),
    sub: pairwiseSubject(input.person, publicClientId),
    preferred_username: input.person.username,
    ver: "2.0",
  };
}
