import { type AccessPolicy, findPermissionFaults } from "../../auth/server/check-permission.ts";
import type { Caller } from "../../auth/server/caller.ts";
import type { Claims } from "../../auth/server/claims.ts";
import { collectRefusals } from "../../auth/server/collect-refusals.ts";
import { createHeaderReader, splitToken } from "../../auth/server/decode-token.ts";
import { toEntraCaller } from "../../auth/server/entra-caller.ts";
import { findEntraFaults } from "../../auth/server/entra-claims.ts";
import { findIssuerFaults, toIssuerCaller } from "../../auth/server/issuer-claims.ts";
import type { AppError } from "../../base/errors.ts";
import type { Protection } from "../../auth/server/protection.ts";

/*
 * All that the server would have against a token, as far as the token itself tells. Does not check the signature, and
 * decides nothing: the server's own verifier does, by the same rules.
 */

/** By what a token is judged. */
export interface Judgement {
  readonly protection: Protection;
  readonly policy: AccessPolicy;
  /** GUIDs, lower case, of the tenants that are known. */
  readonly tenantIds: readonly string[];
  /** Fully qualified scopes, for hints. */
  readonly scopes: readonly string[];
  readonly skewSeconds: number;
  readonly nowSeconds: number;
}

function findClaimFaults(claims: Claims, judgement: Judgement): readonly AppError[] {
  const { protection, nowSeconds, skewSeconds, tenantIds, scopes } = judgement;
  if (protection.kind === "issuer") {
    return findIssuerFaults(claims, { ...protection, skewSeconds }, nowSeconds);
  }
  const { cloud, apiClientId, appIdUris } = protection;
  const expected = {
    cloud,
    tenantIds,
    apiClientId: apiClientId.toLowerCase(),
    appIdUris,
    scopes,
    skewSeconds,
  };
  return findEntraFaults(claims, expected, nowSeconds);
}

function toCaller(claims: Claims, { protection }: Judgement): Caller {
  return protection.kind === "entra" ? toEntraCaller(claims, protection.cloud) : toIssuerCaller(claims);
}

function findCallerFaults(claims: Claims, judgement: Judgement): readonly AppError[] {
  const faults: AppError[] = [];
  // A claim that is missing is among the faults of the claims already.
  collectRefusals([
    () => faults.push(...findPermissionFaults(toCaller(claims, judgement), judgement.policy)),
  ]);
  return faults;
}

/** Every reason for which the server would refuse this token, the one that it would name first. */
export function findRefusals(token: string, claims: Claims, judgement: Judgement): readonly AppError[] {
  const { protection } = judgement;
  const algorithms = protection.kind === "entra" ? (["RS256"] as const) : protection.algorithms;
  const readHeader = createHeaderReader(algorithms);
  return [
    ...collectRefusals([() => void readHeader(splitToken(token).header)]),
    ...findClaimFaults(claims, judgement),
    ...findCallerFaults(claims, judgement),
  ];
}
