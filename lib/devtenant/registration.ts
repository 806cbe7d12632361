/** Directory (tenant) id of the dev tenant: the same at every start, so that nothing need be configured. */
export const tenantId = "dec0de00-0000-4000-8000-000000000001";

/** Another organisation's tenant: where guests come from. */
export const foreignTenantId = "dec0de00-0000-4000-8000-000000000002";

/** Microsoft's tenant of personal accounts, the same everywhere. */
export const personalTenantId = "9188040d-6c67-4c5b-b112-36a304b66dad";

/** The domain name that stands for {@link tenantId} in a path, as a verified domain does at Entra. */
export const tenantDomain = "devtenant.example";

/** Application (client) id of the protected API. */
export const apiClientId = "dec0de00-0000-4000-8000-0000000000a1";

/** Application (client) id of the public client, with "Allow public client flows" on. */
export const publicClientId = "dec0de00-0000-4000-8000-0000000000c1";

/** Application (client) id of a daemon that calls the API as itself, by client credentials. */
export const daemonClientId = "dec0de00-0000-4000-8000-0000000000d1";

/** App roles that the daemon was granted on the API. */
export const daemonRoles = ["Tools.Execute"] as const;

/** Paths of the public client's reply addresses, on http://localhost and http://127.0.0.1 with any port. */
export const redirectPaths: readonly string[] = ["/", "/callback"];

/** Object id of the daemon's service principal: `oid` and `sub` of its tokens. */
export const daemonObjectId = "dec0de00-0000-4000-8000-0000000d0001";

/** What the person reads on the consent page. */
export const publicClientName = "mcp-client";

/** The API's App ID URI. */
export const apiUri = `api://${apiClientId}`;

/** The delegated permissions that the API exposes, by their short names (`scp`). */
export const apiScopes = ["execute", "read"] as const;

/** Short name of a delegated permission of the API. */
export type ApiScope = (typeof apiScopes)[number];

/** The fully qualified scope that the server requires by default. */
export const executeScope = `${apiUri}/execute`;

/** Microsoft Graph, where Entra sends a bare scope. Not in the dev tenant; its id appears in AADSTS650053. */
export const graphClientId = "00000003-0000-0000-c000-000000000000";
