import { isGuid } from "../../config/shared-options.ts";
import { isLoopbackHost } from "../../base/loopback.ts";

/** A tenant of Microsoft Entra ID, or the dev tenant on this machine. */
export interface EntraAuthority {
  /** Origin of the login endpoints: one of Microsoft's, or http on loopback. No trailing slash. */
  readonly loginUrl: string;
  /** Tenant id (a GUID), or one of the tenant's domains. */
  readonly tenant: string;
}

/** Microsoft's clouds by the names that `--cloud` takes. */
export type Cloud = "public" | "usgov" | "china";

const loginHosts: Readonly<Record<Cloud, string>> = {
  public: "login.microsoftonline.com",
  usgov: "login.microsoftonline.us",
  china: "login.partner.microsoftonline.cn",
};

/** Names under which MSAL may have filed tokens of a login host (its instance metadata). */
const cacheAliases: Readonly<Record<string, readonly string[]>> = {
  [loginHosts.public]: [
    "login.microsoftonline.com",
    "login.windows.net",
    "login.microsoft.com",
    "sts.windows.net",
  ],
  [loginHosts.usgov]: ["login.microsoftonline.us", "login.usgovcloudapi.net"],
  [loginHosts.china]: ["login.partner.microsoftonline.cn", "login.chinacloudapi.cn"],
};

const domain = /^(?=.{4,253}$)([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i;

/** The authority of a tenant in one of Microsoft's clouds. */
export function authorityOfCloud(cloud: Cloud, tenant: string): EntraAuthority {
  return { loginUrl: `https://${loginHosts[cloud]}`, tenant };
}

function isLoginOrigin(url: URL): boolean {
  if (url.protocol === "https:") return Object.values(loginHosts).includes(url.host);
  return url.protocol === "http:" && isLoopbackHost(url.hostname);
}

/**
 * Reads a v2.0 issuer as protected-resource metadata names it, e.g.
 * `https://login.microsoftonline.com/<tenant id>/v2.0`. Undefined for every host that is neither
 * Microsoft's nor this machine: no other is ever asked for a token.
 */
export function parseAuthority(issuer: string): EntraAuthority | undefined {
  const url = URL.parse(issuer);
  if (!url || !isLoginOrigin(url)) return undefined;
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") return undefined;
  const tenant = /^\/([^/]+)\/v2\.0\/?$/.exec(url.pathname)?.[1];
  if (tenant === undefined || !(isGuid(tenant) || domain.test(tenant))) return undefined;
  return { loginUrl: url.origin, tenant };
}

/** Whether the authority is a dev tenant on this machine. */
export function isLoopbackAuthority(authority: EntraAuthority): boolean {
  return isLoopbackHost(new URL(authority.loginUrl).hostname);
}

/** The authority as one URL, e.g. `https://login.microsoftonline.com/contoso.com`. */
export function formatAuthority(authority: EntraAuthority): string {
  return `${authority.loginUrl}/${authority.tenant}`;
}

/** The values of `environment` in MSAL's cache that mean this authority. */
export function cacheEnvironmentsOf(authority: EntraAuthority): readonly string[] {
  const { host } = new URL(authority.loginUrl);
  return cacheAliases[host] ?? [host];
}
