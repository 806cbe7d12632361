import { AppError } from "../../base/errors.ts";
import { quote } from "../../base/text.ts";
import { isGuid } from "../../config/shared-options.ts";
import type { EntraCloud } from "./entra-cloud.ts";

/** Whose tokens are accepted. */
export interface EntraExpectation {
  readonly cloud: EntraCloud;
  /** GUID, lower case. */
  readonly tenantId: string;
  /** The API's client id, lower case: the audience of v2.0 tokens. */
  readonly apiClientId: string;
  /** App ID URIs: further audiences of v1.0 tokens. */
  readonly appIdUris: readonly string[];
  /** Seconds by which clocks may differ. */
  readonly skewSeconds: number;
}

type Claims = Readonly<Record<string, unknown>>;
type Rule = (claims: Claims, expected: EntraExpectation, nowSeconds: number) => void;

const graphAudiences = ["00000003-0000-0000-c000-000000000000", "https://graph.microsoft.com"];

function readText(claims: Claims, name: string): string {
  const value = claims[name];
  if (value === undefined) throw new AppError("missing_claim", `The token has no "${name}" claim.`);
  if (typeof value !== "string" || value === "") {
    throw new AppError("invalid_claim", `The token's "${name}" claim is not a text.`);
  }
  return value;
}

function readTime(claims: Claims, name: string): number {
  const value = claims[name];
  if (value === undefined) throw new AppError("missing_claim", `The token has no "${name}" claim.`);
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw new AppError("invalid_claim", `The token's "${name}" claim is not a time.`);
  }
  return value;
}

const hasVersion: Rule = (claims) => {
  const { ver } = claims;
  if (ver === "1.0" || ver === "2.0") return;
  throw new AppError(
    "unsupported_version",
    `The token's version is ${quote(ver ?? "missing")}, not 1.0 or 2.0.`,
  );
};

/** Tokens for Microsoft Graph cannot be verified by anyone else; people send them when the scope was bare. */
const isNotForGraph: Rule = ({ aud }) => {
  if (typeof aud !== "string" || !graphAudiences.includes(aud.replace(/\/$/, "").toLowerCase())) return;
  throw new AppError(
    "graph_token",
    "The token is for Microsoft Graph, not for this API: ask for the fully qualified scope.",
  );
};

const isFromOurTenant: Rule = (claims, { tenantId }) => {
  const tid = readText(claims, "tid");
  if (isGuid(tid) && tid.toLowerCase() === tenantId) return;
  throw new AppError(
    "wrong_tenant",
    `The token is from tenant ${quote(tid)}, not from this server's tenant.`,
  );
};

const isFromOurIssuer: Rule = (claims, { cloud, tenantId }) => {
  const iss = readText(claims, "iss");
  const wanted =
    claims["ver"] === "2.0" ? `${cloud.loginUrl}/${tenantId}/v2.0` : `${cloud.stsUrl}/${tenantId}/`;
  if (iss === wanted) return;
  throw new AppError("wrong_issuer", `The token was issued by ${quote(iss)}, not by ${quote(wanted)}.`);
};

const isForThisApi: Rule = (claims, { apiClientId, appIdUris }) => {
  const aud = readText(claims, "aud");
  const isOurs = aud.toLowerCase() === apiClientId;
  const isOurUri = appIdUris.some((uri) => aud === uri || aud === `${uri}/`);
  if (isOurs || (claims["ver"] === "1.0" && isOurUri)) return;
  throw new AppError("wrong_audience", `The token is for ${quote(aud)}, not for this API (${apiClientId}).`);
};

/** An id token has the audience of the client; with `nonce` and no `scp` it is none of ours anyway. */
const isNoIdToken: Rule = (claims) => {
  if (claims["scp"] !== undefined || claims["roles"] !== undefined || claims["idtyp"] !== undefined) return;
  if (claims["nonce"] === undefined && claims["azp"] !== undefined) return;
  if (claims["nonce"] === undefined && claims["appid"] !== undefined) return;
  throw new AppError("id_token", "The token is an id token; send the access token.");
};

const isInTime: Rule = (claims, { skewSeconds }, now) => {
  const exp = readTime(claims, "exp");
  const nbf = readTime(claims, "nbf");
  const iat = readTime(claims, "iat");
  if (exp <= now - skewSeconds) {
    throw new AppError("token_expired", "The token has expired; get a new one.");
  }
  if (nbf > now + skewSeconds || iat > now + skewSeconds) {
    throw new AppError("token_not_yet_valid", "The token is not valid yet; compare the clocks.");
  }
};

const hasSubject: Rule = (claims) => {
  readText(claims, "sub");
  readText(claims, claims["ver"] === "2.0" ? "azp" : "appid");
};

/** In the order in which they are checked: the first that fails names the reason. */
const rules: readonly Rule[] = [
  isNotForGraph,
  hasVersion,
  isFromOurTenant,
  isFromOurIssuer,
  isNoIdToken,
  isForThisApi,
  hasSubject,
  isInTime,
];

/**
 * Checks the claims of a token by Entra's rules: `ver` selects the form of the issuer and the audiences. Does not
 * check the signature, the signing key's issuer, or what the caller may do.
 *
 * @throws the reason code of the first rule that fails, all of which are 401 `invalid_token`
 * @see Microsoft: "Secure applications and APIs by validating claims" (claims-validation)
 */
export function checkEntraClaims(claims: Claims, expected: EntraExpectation, nowSeconds: number): void {
  for (const rule of rules) rule(claims, expected, nowSeconds);
}
