import { readBearerToken } from "../../lib/auth/server/bearer.ts";
import { createEntraAuthority } from "../../lib/auth/server/entra-authority.ts";
import { defaultKeyStoreTimes } from "../../lib/auth/server/key-store.ts";
import { createTokenVerifier } from "../../lib/auth/server/verify-token.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { AppError, describeErrorCode } from "../../lib/base/errors.ts";
import { silentLog } from "../../lib/base/log.ts";
import { apiClientId, appIdUris, type Authority, requiredScope, skewSeconds, tenantId } from "./setting.ts";

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

/** Fewer than a run has good tokens, so that some are forgotten again. */
const maxRemembered = 1000;

/** Puts the verifier behind one function, its keys loaded. */
export async function openDoor(cloud: Authority, clock: Clock): Promise<Door> {
  const authority = createEntraAuthority({
    cloud,
    tenants: [tenantId],
    apiClientId,
    appIdUris,
    scopes: appIdUris.map((uri) => `${uri}/${requiredScope}`),
    skewSeconds,
    keyTimes: defaultKeyStoreTimes,
    fetchTimeoutMs: 5000,
    clock,
    log: silentLog,
  });
  const policy = { requiredScopes: [requiredScope], appRoles: [], allowedClients: [], allowGuests: false };
  const verifier = createTokenVerifier({ authority, policy, maxRemembered, clock });
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
