import { AppError } from "../../base/errors.ts";
import { quote } from "../../base/text.ts";
import type { Caller } from "./caller.ts";
import {
  type Claims,
  checkValidity,
  readList,
  readOptionalText,
  readOptionalTime,
  readText,
  readTime,
  readWords,
} from "./claims.ts";
import { collectRefusals } from "./collect-refusals.ts";

/** Whose tokens are accepted where another issuer stands in Entra's place. */
export interface IssuerExpectation {
  /** `iss`, to the letter. */
  readonly issuer: string;
  /** `aud` must be or contain one of them, to the letter. */
  readonly audiences: readonly string[];
  /** Seconds by which clocks may differ. */
  readonly skewSeconds: number;
}

type Rule = (claims: Claims, expected: IssuerExpectation, nowSeconds: number) => void;

const entraV1Issuer = /^https:\/\/sts\.(?:windows\.net|chinacloudapi\.cn)\//;

const isFromOurIssuer: Rule = (claims, { issuer }) => {
  const iss = readText(claims, "iss");
  if (iss === issuer) return;
  const message = `The token was issued by ${quote(iss)}, not by ${quote(issuer)}.`;
  if (!entraV1Issuer.test(iss)) throw new AppError("wrong_issuer", message);
  const help = "It is a v1.0 token of Entra: set requestedAccessTokenVersion to 2 in the API's registration.";
  throw new AppError("v1_token", `${message} ${help}`);
};

const hasScopeClaim = ({ scope, scp }: Claims) => scope !== undefined || scp !== undefined;

/** What only id tokens have (OpenID Connect Core sections 3.1.3.6 and 3.3.2.11), and Keycloak's word for them. */
const isNoIdToken: Rule = (claims) => {
  const { at_hash: tokenHash, c_hash: codeHash, nonce, typ } = claims;
  const isIdToken =
    tokenHash !== undefined ||
    codeHash !== undefined ||
    typ === "ID" ||
    (nonce !== undefined && !hasScopeClaim(claims));
  if (isIdToken) throw new AppError("id_token", "The token is an id token; send the access token.");
};

const isForThisApi: Rule = (claims, { audiences }) => {
  const { aud } = claims;
  const isList = Array.isArray(aud) && aud.length > 0 && aud.every((entry) => typeof entry === "string");
  const named: readonly string[] = isList ? aud : [readText(claims, "aud")];
  if (named.some((audience) => audiences.includes(audience))) return;
  const message = `The token is for ${quote(named.join(" "))}, not for this API (${audiences.join(", ")}).`;
  throw new AppError("wrong_audience", message);
};

/**
 * An application of its own has no `sub` at some issuers, but then it has a client id. A `sub` that is no text
 * must not make one caller of all people who use that client.
 */
const hasCaller: Rule = (claims) => {
  if (claims["sub"] !== undefined || clientOf(claims) === undefined) readText(claims, "sub");
};

const isScopeClaim = (value: unknown) =>
  value === undefined || typeof value === "string" || Array.isArray(value);

const hasReadableScopes: Rule = ({ scope, scp }) => {
  if (isScopeClaim(scope) && isScopeClaim(scp)) return;
  throw new AppError("invalid_claim", "The token's scopes (scope or scp) are neither a text nor a list.");
};

const isInTime: Rule = (claims, { skewSeconds }, nowSeconds) => {
  const validity = {
    exp: readTime(claims, "exp"),
    nbf: readOptionalTime(claims, "nbf"),
    iat: readOptionalTime(claims, "iat"),
  };
  checkValidity(validity, skewSeconds, nowSeconds);
};

/** In the order in which they are checked: the first that fails names the reason. */
const rules: readonly Rule[] = [
  isFromOurIssuer,
  isNoIdToken,
  isForThisApi,
  hasCaller,
  hasReadableScopes,
  isInTime,
];

/**
 * Checks the claims of another issuer's access token: `iss` to the letter, `aud` a text or a list that contains
 * ours, `exp` required, `nbf` and `iat` respected where they are there.
 *
 * @throws the reason code of the first rule that fails, all of which are 401 `invalid_token`
 * @see RFC 9068 section 4, RFC 8725 section 3
 */
export function checkIssuerClaims(claims: Claims, expected: IssuerExpectation, nowSeconds: number): void {
  for (const rule of rules) rule(claims, expected, nowSeconds);
}

/** The client application: RFC 9068's name for it, OpenID Connect's, and the one of Okta. */
function clientOf(claims: Claims): string | undefined {
  return ["client_id", "azp", "cid"].map((name) => readOptionalText(claims, name)).find(Boolean);
}

/** `scope` (RFC 9068), else `scp`: a text or, at some issuers, a list. */
function scopesOf(claims: Claims): readonly string[] {
  const name = claims["scope"] === undefined ? "scp" : "scope";
  return Array.isArray(claims[name]) ? readList(claims, name) : readWords(claims, name);
}

/** Reads the caller from claims that passed the rules. Whether it is an application or a guest is Entra's matter. */
export function toIssuerCaller(claims: Claims): Caller {
  const clientApp = clientOf(claims) ?? "";
  const subject = readOptionalText(claims, "sub") ?? clientApp;
  const issuer = readText(claims, "iss");
  return {
    isApplication: false,
    isGuest: false,
    principal: {
      key: JSON.stringify([issuer, readOptionalText(claims, "sub") ?? null, clientApp]),
      issuer,
      subject,
      clientApp,
      scopes: scopesOf(claims),
      roles: readList(claims, "roles"),
      displayName: readOptionalText(claims, "name"),
      username: readOptionalText(claims, "preferred_username"),
      tokenId: readOptionalText(claims, "jti"),
      expiresAtSeconds: Number(claims["exp"]),
    },
  };
}

/** Every reason for which {@link checkIssuerClaims} would refuse a token, in its order. For explanations. */
export function findIssuerFaults(
  claims: Claims,
  expected: IssuerExpectation,
  nowSeconds: number,
): readonly AppError[] {
  return collectRefusals(rules.map((rule) => () => rule(claims, expected, nowSeconds)));
}
