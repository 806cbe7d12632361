import type { FaultSettings } from "./fault-settings.ts";
import { padModulus } from "./odd-keys.ts";
import { personalTenantId, foreignTenantId } from "./registration.ts";
import type { PublicKey } from "./rsa-key.ts";
import type { TenantState } from "./tenant-state.ts";

/** A JSON Web Key as published. */
export type PublishedKey = Readonly<Record<string, unknown>>;

/** @param tenant Entra's template by default: `{tenantid}` stands there as it is. */
function publish(state: TenantState, key: object, tenant = "{tenantid}"): PublishedKey {
  return { ...key, issuer: `${state.origin}/${tenant}/v2.0` };
}

async function listBadKeys(
  state: TenantState,
  jwks: FaultSettings["jwks"],
): Promise<readonly PublishedKey[]> {
  const find = async (name: Parameters<typeof state.oddKeys.rsa>[0]) =>
    (await state.oddKeys.rsa(name)).publicKey;
  switch (jwks) {
    case "weak": {
      const weak = await find("weak");
      return [publish(state, weak), publish(state, padModulus(weak))];
    }
    case "symmetric": {
      const { kid, secret } = state.oddKeys.symmetric();
      const k = Buffer.from(secret).toString("base64url");
      return [publish(state, { kty: "oct", use: "sig", alg: "HS256", kid, k })];
    }
    case "duplicate": {
      const current = state.keys.current().publicKey;
      const { kid, x5t } = current;
      return [publish(state, { ...(await find("foreign")), kid, x5t }), publish(state, current)];
    }
    case "foreign-issuer":
      return [
        publish(state, await find("foreign-issuer"), foreignTenantId),
        publish(state, await find("msa-issuer"), personalTenantId),
      ];
    case "encryption":
      return [publish(state, await find("encryption"))];
    default:
      return [];
  }
}

/** The good keys: as `duplicate` has it, the current one is bad. */
function listGoodKeys(state: TenantState): readonly PublicKey[] {
  const { jwks, hideGoodKeys } = state.faults.settings;
  if (hideGoodKeys || jwks === "empty") return [];
  const { kid } = state.keys.current().publicKey;
  return state.keys.published().filter((key) => jwks !== "duplicate" || key.kid !== kid);
}

/** What the JWKS holds while there is no fault. */
export function listAllGoodKeys(state: TenantState): readonly PublishedKey[] {
  return state.keys.published().map((key) => publish(state, key));
}

/** What the JWKS holds now: bad keys first, so that whoever gives up at the first bad one is found out. */
export async function listKeys(state: TenantState): Promise<readonly PublishedKey[]> {
  const bad = await listBadKeys(state, state.faults.settings.jwks);
  return [...bad, ...listGoodKeys(state).map((key) => publish(state, key))];
}
