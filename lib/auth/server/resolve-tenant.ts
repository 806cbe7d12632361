import { AppError } from "../../base/errors.ts";
import { isGuid } from "../../config/shared-options.ts";
import type { EntraCloud } from "./entra-cloud.ts";
import { fetchJson } from "./fetch-json.ts";

/**
 * The GUID of a tenant given as GUID or as one of its domains; the latter is asked from the OpenID configuration.
 *
 * @throws `keys_unavailable` when the configuration cannot be loaded or does not name a tenant of this cloud
 */
export async function resolveTenant(cloud: EntraCloud, tenant: string): Promise<string> {
  if (isGuid(tenant)) return tenant.toLowerCase();
  const document = await fetchJson(`${cloud.loginUrl}/${tenant}/v2.0/.well-known/openid-configuration`);
  const issuer: unknown =
    typeof document === "object" && document !== null && "issuer" in document ? document.issuer : "";
  const prefix = `${cloud.loginUrl}/`;
  const id =
    typeof issuer === "string" && issuer.startsWith(prefix) ? issuer.slice(prefix.length).split("/")[0] : "";
  if (id !== undefined && isGuid(id)) return id.toLowerCase();
  throw new AppError("keys_unavailable", "The tenant's OpenID configuration names no tenant.", {
    detail: `tenant ${tenant}`,
    retryAfterSeconds: 1,
  });
}
