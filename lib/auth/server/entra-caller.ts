import type { Caller } from "./caller.ts";
import { type Claims, readList, readOptionalText, readText, readWords } from "./claims.ts";
import { entraIssuers } from "./entra-claims.ts";
import type { EntraCloud } from "./entra-cloud.ts";

/**
 * Whether an application calls for itself. `idtyp` says so where the API asks for that optional claim; without it,
 * tokens of people have `scp`, and `sub` is a pairwise id that differs from `oid`.
 *
 * @see Microsoft: "Access token claims reference", "Optional claims reference" (`idtyp`)
 */
function isApplication(claims: Claims): boolean {
  if (claims["idtyp"] !== undefined) return claims["idtyp"] === "app";
  if (claims["scp"] !== undefined) return false;
  return claims["oid"] === undefined || claims["oid"] === claims["sub"];
}

/** `acct` says so where the API asks for that optional claim; else a guest was authenticated by another issuer. */
function isGuest(claims: Claims, cloud: EntraCloud): boolean {
  const { acct, idp } = claims;
  if (acct !== undefined) return acct !== 0;
  if (idp === undefined) return false;
  const own: readonly unknown[] = Object.values(entraIssuers(cloud, readText(claims, "tid").toLowerCase()));
  return !own.includes(idp);
}

/** So that no value can run into the next one or look like another kind. Entra's ids have none of these characters. */
function escapeSeparators(text: string): string {
  return text.replace(/[%:=]/g, encodeURIComponent);
}

/** Who it is within the tenant. A person whose token has no `oid` is known by `sub`, never taken for another. */
function subjectKey(claims: Claims, objectId: string | undefined): string {
  if (objectId !== undefined) return escapeSeparators(objectId);
  return isApplication(claims) ? "app" : `sub=${escapeSeparators(readText(claims, "sub"))}`;
}

/** Reads the caller from claims that passed Entra's rules. */
export function toEntraCaller(claims: Claims, cloud: EntraCloud): Caller {
  const tenantId = readText(claims, "tid").toLowerCase();
  const clientApp = readText(claims, claims["ver"] === "2.0" ? "azp" : "appid").toLowerCase();
  const objectId = readOptionalText(claims, "oid")?.toLowerCase();
  return {
    isApplication: isApplication(claims),
    isGuest: isGuest(claims, cloud),
    principal: {
      key: [tenantId, subjectKey(claims, objectId), clientApp].join(":"),
      issuer: readText(claims, "iss"),
      tenantId,
      objectId,
      subject: readText(claims, "sub"),
      clientApp,
      scopes: readWords(claims, "scp"),
      roles: readList(claims, "roles"),
      displayName: readOptionalText(claims, "name"),
      username: readOptionalText(claims, "preferred_username") ?? readOptionalText(claims, "upn"),
      isApplication: isApplication(claims),
      tokenId: readOptionalText(claims, "uti"),
      expiresAtSeconds: Number(claims["exp"]),
    },
  };
}
