import { readBearerToken } from "../../lib/auth/server/bearer.ts";
import { createEntraVerifier } from "../../lib/auth/server/verify-token.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { AppError, describeErrorCode } from "../../lib/base/errors.ts";
import { silentLog } from "../../lib/base/log.ts";
import { apiClientId, appIdUris, type Authority, requiredScope, tenantId } from "./setting.ts";

/** An answer to a request: 200 lets it in. */
export interface Answer {
  readonly status: number;
  /** Error code of a refusal. */
  readonly reason?: string;
}

/** What is fuzzed: `Authorization` in, answer out. */
export interface Door {
  /** @throws what is no AppError, which is always a defect */
  decide(authorization: string | null): Promise<Answer>;
}

/** Puts the verifier behind one function, its keys loaded. */
export async function openDoor(cloud: Authority, clock: Clock): Promise<Door> {
  const verifier = createEntraVerifier({
    cloud,
    tenant: tenantId,
    apiClientId,
    appIdUris,
    requiredScopes: [requiredScope],
    clock,
    log: silentLog,
  });
  await verifier.warmUp(AbortSignal.timeout(10_000));
  return {
    async decide(authorization) {
      try {
        await verifier.verify(readBearerToken(authorization));
        return { status: 200 };
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        return { status: describeErrorCode(error.code).status, reason: error.code };
      }
    },
  };
}
