import { nowSeconds } from "../../base/clock.ts";
import { AppError } from "../../base/errors.ts";
import { isGuid } from "../../config/shared-options.ts";
import type { Claims } from "./claims.ts";
import { toEntraCaller } from "./entra-caller.ts";
import { checkEntraClaims, type EntraExpectation, entraIssuers } from "./entra-claims.ts";
import type { EntraCloud } from "./entra-cloud.ts";
import { fetchJson } from "./fetch-json.ts";
import { createKeyStore, type KeyStore } from "./key-store.ts";
import { resolveTenant } from "./resolve-tenant.ts";
import { readSigningKeys, type SigningKey } from "./signing-keys.ts";
import type { AuthorityOptions, TokenAuthority } from "./token-authority.ts";

export interface EntraAuthorityOptions extends AuthorityOptions {
  readonly cloud: EntraCloud;
  /** GUIDs, or domains of the tenants. */
  readonly tenants: readonly string[];
  /** Client id of the API. */
  readonly apiClientId: string;
  /** App ID URIs that v1.0 tokens may be for. */
  readonly appIdUris: readonly string[];
  /** Fully qualified scopes, for hints. */
  readonly scopes: readonly string[];
}

/** One tenant and its keys. */
interface Tenant {
  /** GUID, lower case; undefined until a domain was looked up. */
  id(): string | undefined;
  readonly keyStore: KeyStore;
}

const algorithms = ["RS256"] as const;

function openTenant(name: string, options: EntraAuthorityOptions): Tenant {
  const { cloud, clock, log, keyTimes: times, fetchTimeoutMs } = options;
  let id = isGuid(name) ? name.toLowerCase() : undefined;
  async function load(): Promise<readonly SigningKey[]> {
    id ??= await resolveTenant(cloud, name, fetchTimeoutMs);
    const jwks = await fetchJson(`${cloud.loginUrl}/${id}/discovery/v2.0/keys`, fetchTimeoutMs);
    return readSigningKeys(jwks, algorithms);
  }
  return { id: () => id, keyStore: createKeyStore({ load, clock, log, times }) };
}

/** Lower case; empty where the claim is no text. */
function tenantIdOf({ tid }: Claims): string {
  return typeof tid === "string" ? tid.toLowerCase() : "";
}

/** Entra's keys name their issuer, with a placeholder for the tenant where they serve several. */
function checkKeyIssuer({ issuer: template }: SigningKey, cloud: EntraCloud, tenantId: string): void {
  if (template === undefined) return;
  const issuer = template.replace("{tenantid}", tenantId).toLowerCase();
  if (Object.values(entraIssuers(cloud, tenantId)).includes(issuer)) return;
  throw new AppError("wrong_issuer", "The key that signed the token belongs to another issuer.");
}

/**
 * Microsoft Entra ID: v1.0 and v2.0 access tokens of the given tenants for one API. Each tenant's keys are its own.
 */
export function createEntraAuthority(options: EntraAuthorityOptions): TokenAuthority {
  const { cloud, clock, appIdUris, scopes, skewSeconds } = options;
  const apiClientId = options.apiClientId.toLowerCase();
  const tenants = options.tenants.map((name) => openTenant(name, options));

  const findTenant = (tenantId: string) => tenants.find(({ id }) => id() === tenantId);

  /** A token of a tenant that is not known yet: those whose names were not looked up may be it. */
  async function resolveTenants(tenantId: string): Promise<void> {
    const unresolved = tenants.filter(({ id }) => id() === undefined);
    const outcomes = await Promise.allSettled(unresolved.map(({ keyStore }) => keyStore.load()));
    const failed = outcomes.find(({ status }) => status === "rejected");
    if (failed?.status === "rejected" && !findTenant(tenantId)) throw failed.reason;
  }

  function expectation(): EntraExpectation {
    const tenantIds = tenants.map(({ id }) => id()).filter((id) => id !== undefined);
    return { cloud, tenantIds, apiClientId, appIdUris, scopes, skewSeconds };
  }

  return {
    algorithms,
    async checkClaims(claims) {
      const tenantId = tenantIdOf(claims);
      if (isGuid(tenantId) && !findTenant(tenantId)) await resolveTenants(tenantId);
      checkEntraClaims(claims, expectation(), nowSeconds(clock));
      const tenant = findTenant(tenantId);
      if (!tenant) throw new AppError("wrong_tenant", "The token is from another tenant.");
      return tenant.keyStore;
    },
    checkKey: (key, claims) => checkKeyIssuer(key, cloud, tenantIdOf(claims)),
    toCaller: (claims) => toEntraCaller(claims, cloud),
    issuers: () => [...new Set(expectation().tenantIds.map((id) => entraIssuers(cloud, id)["2.0"]))],
    isReady: () => tenants.some(({ keyStore }) => keyStore.isLoaded()),
    async load() {
      await Promise.all(tenants.map(({ keyStore }) => keyStore.load()));
    },
  };
}
