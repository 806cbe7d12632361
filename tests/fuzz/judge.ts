/**
 * The oracle: whether a request is let in, by the specification alone (RFC 6750, 7515, 7519, 8725; Microsoft's
 * access tokens). It shares nothing with the verifier, not even cryptography: a signature counts where the
 * token is, letter by letter, one that the authority has signed.
 */
import { permissionRules, type Rule, statusesOf } from "./findings.ts";
import { type KeyName, kidOf } from "./issuer.ts";
import { judgeClaims } from "./judge-claims.ts";
import { type JsonObject, readJsonObject } from "./read-json.ts";
import type { Authority } from "./setting.ts";

/** What a request is judged by. */
export interface Circumstances {
  readonly authority: Authority;
  readonly nowSeconds: number;
  /** Whether the verifier may ask its authority about a key that it does not know. */
  readonly canAskForKeys: boolean;
  /** The key by which the authority has signed exactly this token with RS256, if it has. */
  signedBy(token: string): KeyName | undefined;
}

const maxAuthorizationLength = 16_384;
const maxTokenLength = 16_000;
const maxKidLength = 128;
const bearer = /^bearer ([A-Za-z0-9._~+/-]+=*)$/i;
const tokenTypes: readonly unknown[] = ["jwt", "at+jwt", "application/jwt", "application/at+jwt"];
const forbiddenMembers = ["crit", "jwk", "jku", "x5u", "x5c"];
/** Keys that are published and good for signatures. */
const usableKeys: readonly KeyName[] = ["usable", "longest", "foreign"];

function readSegment(segment: string): Buffer | undefined {
  const bytes = Buffer.from(segment, "base64url");
  return bytes.toString("base64url") === segment && segment !== "" ? bytes : undefined;
}

function judgeTyp(header: JsonObject): Rule[] {
  const typ = header.get("typ");
  if (typ === undefined) return [];
  const name = typeof typ === "string" ? typ.toLowerCase() : undefined;
  return tokenTypes.includes(name) ? [] : ["header"];
}

function judgeHeader(header: JsonObject): Rule[] {
  const kid = header.get("kid");
  const isPlain =
    header.get("alg") === "RS256" &&
    !forbiddenMembers.some((name) => header.has(name)) &&
    typeof kid === "string" &&
    kid !== "" &&
    kid.length <= maxKidLength;
  return [...(isPlain ? [] : (["header"] as const)), ...judgeTyp(header)];
}

function judgeKey(kid: unknown, signer: KeyName | undefined, canAskForKeys: boolean): Rule[] {
  const named = usableKeys.find((name) => kidOf[name] === kid);
  if (named === undefined) return [canAskForKeys ? "key" : "key_unasked"];
  if (signer !== named) return ["signature"];
  return named === "foreign" ? ["key_issuer"] : [];
}

function judgeToken(token: string, circumstances: Circumstances): Rule[] {
  const { authority, nowSeconds, canAskForKeys, signedBy } = circumstances;
  const segments = token.length <= maxTokenLength ? token.split(".", 4) : [];
  const [headerBytes, claimsBytes, signature] = segments.map(readSegment);
  if (segments.length !== 3 || !headerBytes || !claimsBytes || !signature) return ["shape"];
  const header = readJsonObject(headerBytes);
  const claims = readJsonObject(claimsBytes);
  if (!header || !claims) return ["shape"];
  const headerRules = judgeHeader(header);
  // Refused before any key is looked for.
  if (headerRules.includes("header")) return headerRules;
  const keyRules = judgeKey(header.get("kid"), signedBy(token), canAskForKeys);
  return [...headerRules, ...keyRules, ...judgeClaims(claims, authority, nowSeconds)];
}

/** The rules that a request breaks; it is let in where there are none. */
export function findBrokenRules(authorization: string | null, circumstances: Circumstances): Rule[] {
  if (authorization === null || authorization === "") return ["no_token"];
  if (authorization.length > maxAuthorizationLength) return ["authorization"];
  const [, token] = bearer.exec(authorization) ?? [];
  return token === undefined ? ["authorization"] : judgeToken(token, circumstances);
}

/** The statuses that are right for a request that breaks these rules: 200 alone where there are none. */
export function rightStatuses(rules: readonly Rule[]): ReadonlySet<number> {
  if (rules.length === 0) return new Set([200]);
  const authentic = rules.filter((rule) => !permissionRules.has(rule));
  const deciding = authentic.length > 0 ? authentic : rules;
  return new Set(deciding.flatMap((rule) => statusesOf[rule]));
}
