import { isGuid } from "../../config/shared-options.ts";
import type { EntraCloud } from "./entra-cloud.ts";
import { fetchJson, keysUnavailable } from "./fetch-json.ts";

/**
 * The GUID of a tenant that was given by one of its domains, from the OpenID configuration.
 *
 * @throws `keys_unavailable` when the configuration cannot be loaded or does not name a tenant of this cloud
 */
export async function resolveTenant(cloud: EntraCloud, domain: string, timeoutMs: number): Promise<string> {
  const url = `${cloud.loginUrl}/${domain}/v2.0/.well-known/openid-configuration`;
  const document = await fetchJson(url, timeoutMs);
  const issuer: unknown =
    typeof document === "object" && document !== null && "issuer" in document ? document.issuer : "";
  const prefix = `${cloud.loginUrl}/`;
  const id =
    typeof issuer === "string" && issuer.startsWith(prefix) ? issuer.slice(prefix.length).split("/")[0] : "";
  if (id !== undefined && isGuid(id)) return id.toLowerCase();
  throw keysUnavailable(`${url}: it names no tenant`);
}
