/** Directory (tenant) id of the dev tenant: the same at every start, so that nothing need be configured. */
export const tenantId = "dec0de00-0000-4000-8000-000000000001";

/** The domain name that stands for {@link tenantId} in a path, as a verified domain does at Entra. */
export const tenantDomain = "devtenant.example";

/** Application (client) id of the protected API. */
export const apiClientId = "dec0de00-0000-4000-8000-0000000000a1";

/** Application (client) id of the public client, with "Allow public client flows" on. */
export const publicClientId = "dec0de00-0000-4000-8000-0000000000c1";

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

/** Where Entra sends a bare scope. It does not exist in the dev tenant; its id appears in AADSTS650053. */
export const graphClientId = "00000003-0000-0000-c000-000000000000";
