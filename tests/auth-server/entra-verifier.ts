import type { AccessPolicy } from "../../lib/auth/server/check-permission.ts";
import type { DeniedTokens } from "../../lib/auth/server/denied-tokens.ts";
import { createEntraAuthority } from "../../lib/auth/server/entra-authority.ts";
import type { EntraCloud } from "../../lib/auth/server/entra-cloud.ts";
import { defaultKeyStoreTimes, type KeyStoreTimes } from "../../lib/auth/server/key-store.ts";
import { createTokenVerifier, type TokenVerifier } from "../../lib/auth/server/verify-token.ts";
import { type Clock, systemClock } from "../../lib/base/clock.ts";
import { type Log, silentLog } from "../../lib/base/log.ts";
import { apiClientId, appIdUri, tenantId } from "./entra-issuer.ts";

/** What a test wants otherwise than the server's defaults. */
export interface VerifierChanges extends Partial<AccessPolicy> {
  readonly cloud: EntraCloud;
  readonly tenants?: readonly string[];
  readonly apiClientId?: string;
  readonly appIdUris?: readonly string[];
  readonly deniedTokens?: DeniedTokens;
  readonly maxRemembered?: number;
  readonly skewSeconds?: number;
  readonly keyTimes?: KeyStoreTimes;
  readonly fetchTimeoutMs?: number;
  readonly clock?: Clock;
  readonly log?: Log;
}

/** The verifier of Entra's tokens with the server's defaults. */
export function createEntraVerifier(changes: VerifierChanges): TokenVerifier {
  const { cloud, clock = systemClock, log = silentLog } = changes;
  const authority = createEntraAuthority({
    cloud,
    tenants: changes.tenants ?? [tenantId],
    apiClientId: changes.apiClientId ?? apiClientId,
    appIdUris: changes.appIdUris ?? [appIdUri],
    scopes: [`${changes.appIdUris?.[0] ?? appIdUri}/execute`],
    skewSeconds: changes.skewSeconds ?? 60,
    keyTimes: changes.keyTimes ?? defaultKeyStoreTimes,
    fetchTimeoutMs: changes.fetchTimeoutMs ?? 5000,
    clock,
    log,
  });
  return createTokenVerifier({
    authority,
    policy: {
      requiredScopes: changes.requiredScopes ?? ["execute"],
      appRoles: changes.appRoles ?? [],
      allowedClients: changes.allowedClients ?? [],
      allowGuests: changes.allowGuests ?? false,
    },
    deniedTokens: changes.deniedTokens,
    maxRemembered: changes.maxRemembered ?? 10_000,
    clock,
  });
}
