import { AppError } from "../../base/errors.ts";
import { quote } from "../../base/text.ts";
import { isGuid } from "../../config/shared-options.ts";
import { type Claims, checkValidity, readText, readTime } from "./claims.ts";
import { collectRefusals } from "./collect-refusals.ts";
import type { EntraCloud } from "./entra-cloud.ts";

/** Whose tokens are accepted. */
export interface EntraExpectation {
  readonly cloud: EntraCloud;
  /** GUIDs, lower case. */
  readonly tenantIds: readonly string[];
  /** The API's client id, lower case: the audience of v2.0 tokens. */
  readonly apiClientId: string;
  /** App ID URIs: further audiences of v1.0 tokens. */
  readonly appIdUris: readonly string[];
  /** Fully qualified scopes, for hints. */
  readonly scopes: readonly string[];
  /** Seconds by which clocks may differ. */
  readonly skewSeconds: number;
}

type Rule = (claims: Claims, expected: EntraExpectation, nowSeconds: number) => void;

/** Microsoft Graph in all clouds, by its client id and its App ID URIs. */
const graphAudiences: readonly unknown[] = [
  "00000003-0000-0000-c000-000000000000",
  "https://graph.microsoft.com",
  "https://graph.microsoft.us",
  "https://dod-graph.microsoft.us",
  "https://microsoftgraph.chinacloudapi.cn",
];

/** Nobody but Graph can verify tokens for Graph; people send them when the scope that they asked for was bare. */
const isNotForGraph: Rule = ({ aud }, { scopes }) => {
  if (typeof aud !== "string" || !graphAudiences.includes(aud.replace(/\/$/, "").toLowerCase())) return;
  const message = `The token is for Microsoft Graph, not for this API: ask for the scope ${scopes.join(" ")}.`;
  throw new AppError("graph_token", message);
};

const hasVersion: Rule = ({ ver }) => {
  if (ver === "1.0" || ver === "2.0") return;
  const message =
    ver === undefined
      ? "The token names no version (ver), so it is no access token of Entra."
      : `The token's version is ${quote(ver)}, not 1.0 or 2.0.`;
  throw new AppError("unsupported_version", message);
};

const isFromOurTenant: Rule = (claims, { tenantIds }) => {
  const tid = readText(claims, "tid");
  if (isGuid(tid) && tenantIds.includes(tid.toLowerCase())) return;
  throw new AppError("wrong_tenant", `The token is from tenant ${quote(tid)}, which is not let in here.`);
};

/** The issuers of a tenant's tokens by their version. */
export function entraIssuers(cloud: EntraCloud, tenantId: string): Readonly<Record<"1.0" | "2.0", string>> {
  return { "1.0": `${cloud.stsUrl}/${tenantId}/`, "2.0": `${cloud.loginUrl}/${tenantId}/v2.0` };
}

const isFromOurIssuer: Rule = (claims, { cloud }) => {
  const iss = readText(claims, "iss");
  const issuers = entraIssuers(cloud, readText(claims, "tid").toLowerCase());
  const wanted = issuers[claims["ver"] === "2.0" ? "2.0" : "1.0"];
  if (iss === wanted) return;
  throw new AppError("wrong_issuer", `The token was issued by ${quote(iss)}, not by ${quote(wanted)}.`);
};

/**
 * An id token has the audience of the client; with `nonce` and no `scp` it is none of ours anyway. `roles` stand in id
 * tokens, too.
 */
const isNoIdToken: Rule = ({ scp, idtyp, nonce, azp, appid }) => {
  if (scp !== undefined || idtyp !== undefined) return;
  if (nonce === undefined && (azp !== undefined || appid !== undefined)) return;
  throw new AppError("id_token", "The token is an id token; send the access token.");
};

const isForThisApi: Rule = (claims, { apiClientId, appIdUris, scopes }) => {
  const aud = readText(claims, "aud");
  if (aud.toLowerCase() === apiClientId) return;
  const isV1 = claims["ver"] === "1.0";
  if (isV1 && appIdUris.some((uri) => aud === uri || aud === `${uri}/`)) return;
  const wanted = isV1 ? [apiClientId, ...appIdUris].join(", ") : apiClientId;
  const help = isV1
    ? "A v1.0 token names the App ID URI that it was asked for; the server's operator can add it (--audience)."
    : `Ask for the scope ${scopes.join(" ")}.`;
  throw new AppError(
    "wrong_audience",
    `The token is for ${quote(aud)}, not for this API (${wanted}). ${help}`,
  );
};

const hasCaller: Rule = (claims) => {
  readText(claims, "sub");
  readText(claims, claims["ver"] === "2.0" ? "azp" : "appid");
};

/** `idtyp` tells people from applications, so a value that we do not know is not let in as either. */
const hasKnownCallerType: Rule = ({ idtyp }) => {
  if (idtyp === undefined || idtyp === "user" || idtyp === "app") return;
  throw new AppError("invalid_claim", `The token's "idtyp" claim is ${quote(idtyp)}, not user or app.`);
};

const isInTime: Rule = (claims, { skewSeconds }, nowSeconds) => {
  const validity = {
    exp: readTime(claims, "exp"),
    nbf: readTime(claims, "nbf"),
    iat: readTime(claims, "iat"),
  };
  checkValidity(validity, skewSeconds, nowSeconds);
};

/** In the order in which they are checked: the first that fails names the reason. */
const rules: readonly Rule[] = [
  isNotForGraph,
  hasVersion,
  isFromOurTenant,
  isFromOurIssuer,
  isNoIdToken,
  isForThisApi,
  hasCaller,
  hasKnownCallerType,
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

/** Every reason for which {@link checkEntraClaims} would refuse a token, in its order. For explanations. */
export function findEntraFaults(
  claims: Claims,
  expected: EntraExpectation,
  nowSeconds: number,
): readonly AppError[] {
  return collectRefusals(rules.map((rule) => () => rule(claims, expected, nowSeconds)));
}
