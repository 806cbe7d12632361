/** The table of claims: reference/entra.md appendix C, written down once more, apart from the verifier. */
import type { Rule } from "./findings.ts";
import type { Json, JsonObject } from "./read-json.ts";
import * as setting from "./setting.ts";

function isText(value: Json | undefined): value is string {
  return typeof value === "string" && value !== "";
}

function isTime(value: Json | undefined): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function* judgeTimes(claims: JsonObject, nowSeconds: number): Generator<Rule> {
  const [exp, nbf, iat] = ["exp", "nbf", "iat"].map((name) => claims.get(name));
  if (!isTime(exp) || !isTime(nbf) || !isTime(iat)) return yield "time";
  const isLive = exp > nowSeconds - setting.skewSeconds;
  const latest = nowSeconds + setting.skewSeconds;
  if (!isLive || nbf > latest || iat > latest) yield "time";
}

function isAudience(aud: Json | undefined, version: Json | undefined): boolean {
  if (typeof aud !== "string") return false;
  if (aud.toLowerCase() === setting.apiClientId) return true;
  return version === "1.0" && setting.appIdUris.some((uri) => aud === uri || aud === `${uri}/`);
}

function* judgeIdentity(claims: JsonObject, authority: setting.Authority): Generator<Rule> {
  const version = setting.versions.find((known) => known === claims.get("ver"));
  const tid = claims.get("tid");
  if (typeof tid !== "string" || tid.toLowerCase() !== setting.tenantId) yield "tenant";
  if (!isText(claims.get("sub"))) yield "subject";
  if (version === undefined) return yield "version";
  if (claims.get("iss") !== setting.issuerOf(authority, version)) yield "issuer";
  if (!isAudience(claims.get("aud"), version)) yield "audience";
  if (!isText(claims.get(version === "2.0" ? "azp" : "appid"))) yield "client";
}

function* judgeScope(claims: JsonObject): Generator<Rule> {
  const scp = claims.get("scp");
  // Without scp it is none of a person's access tokens; which of the others it is may decide the status.
  if (scp === undefined && claims.has("nonce")) yield "id_token";
  else if (scp === undefined) yield claims.has("roles") ? "app_only" : "scope";
  else if (typeof scp !== "string") yield "scope_type";
  else if (!scp.split(" ").includes(setting.requiredScope)) yield "scope";
}

function* judgePerson(claims: JsonObject, authority: setting.Authority): Generator<Rule> {
  const idtyp = claims.get("idtyp");
  if (idtyp === "app") yield "app_only";
  else if (idtyp !== undefined && idtyp !== "user") yield "idtyp";
  yield* judgeGuest(claims, authority);
}

/** `acct` decides where it is there (0 is a member); else whoever was authenticated by another tenant is a guest. */
function* judgeGuest(claims: JsonObject, authority: setting.Authority): Generator<Rule> {
  const [acct, idp] = ["acct", "idp"].map((name) => claims.get(name));
  if (acct !== undefined) {
    if (acct !== 0) yield "guest";
    return;
  }
  const isOurs = setting.versions.some((version) => idp === setting.issuerOf(authority, version));
  if (idp !== undefined && !isOurs) yield typeof idp === "string" ? "guest" : "idp_type";
}

/** The rules that a set of claims breaks. */
export function judgeClaims(claims: JsonObject, authority: setting.Authority, nowSeconds: number): Rule[] {
  return [
    ...judgeTimes(claims, nowSeconds),
    ...judgeIdentity(claims, authority),
    ...judgeScope(claims),
    ...judgePerson(claims, authority),
  ];
}
