/** Near misses of the rules of the table, and values that keep them. */
import * as setting from "./setting.ts";

/** Microsoft Graph as an audience. */
export const graph = "00000003-0000-0000-c000-000000000000";

/** Texts for `iss`. */
export function issuers(authority: setting.Authority): readonly string[] {
  const { loginUrl, stsUrl } = authority;
  const v2 = setting.issuerOf(authority, "2.0");
  const v1 = setting.issuerOf(authority, "1.0");
  const tenants = [
    setting.foreignTenantId,
    "common",
    "organizations",
    "{tenantid}",
    "",
    "9188040d-6c67-4c5b-b112",
  ];
  const foreign = tenants.flatMap((tenant) =>
    setting.versions.map((version) => setting.issuerOf(authority, version, tenant)),
  );
  return [
    v2,
    v1,
    v2,
    v1,
    `${v2}/`,
    v1.slice(0, -1),
    `${v1}v2.0`,
    `${loginUrl}/${setting.tenantId}/`,
    `${stsUrl}/${setting.tenantId}/v2.0`,
    v2.replace("v2.0", "V2.0"),
    v2.replace("/v2.0", ""),
    `${v1}/`,
    v2.replace("http:", "https:"),
    v2.replace("127.0.0.1", "localhost"),
    v2.replace("//", "//x@"),
    `${v2}?`,
    `${v2}#`,
    v2.replace(/:\d+\//, "/"),
    v2.replace("/v2.0", "/./v2.0"),
    v2.replace("/v2.0", "//v2.0"),
    v2.toUpperCase(),
    v2.replace(setting.tenantId, setting.tenantId.toUpperCase()),
    `${v2} ${v1}`,
    loginUrl,
    `https://login.microsoftonline.com/${setting.tenantId}/v2.0`,
    `https://sts.windows.net/${setting.tenantId}/`,
    ...foreign,
  ];
}

const fullWidthId = setting.apiClientId.replace(/[!-~]/g, (letter) =>
  String.fromCodePoint(letter.charCodeAt(0) + 0xfee0),
);

/** Texts for `aud`: around the client id, around the App ID URIs, of others. */
export const audiences: readonly (readonly string[])[] = [
  [
    setting.apiClientId,
    setting.apiClientId.toUpperCase(),
    `${setting.apiClientId}/`,
    ` ${setting.apiClientId}`,
    `${setting.apiClientId} `,
    `${setting.apiClientId}\n`,
    `{${setting.apiClientId}}`,
    `spn:${setting.apiClientId}`,
    `${setting.apiClientId},${setting.apiClientId}`,
    setting.apiClientId.replaceAll("-", ""),
    setting.apiClientId.slice(0, -1),
    fullWidthId,
  ],
  setting.appIdUris.flatMap((uri) => [
    uri,
    `${uri}/`,
    `${uri}//`,
    `${uri}x`,
    uri.slice(0, -1),
    `${uri}/execute`,
    `${uri}?`,
    `${uri}#`,
    `${uri} `,
    uri.replace("://", ":/"),
    uri.toUpperCase(),
    `x${uri}`,
  ]),
  [
    "https://mcp.contoso.com",
    "https://mcp.contoso.com/",
    "https://mcp.contoso.com/MCP",
    "https://MCP.contoso.com/mcp",
    "https://mcp.contoso.com:443/mcp",
    "http://mcp.contoso.com/mcp",
    "https://graph.microsoft.com",
    "https://graph.microsoft.com/",
    graph,
    "api://",
    "",
    "*",
    setting.foreignTenantId,
    setting.clientApp,
    setting.tenantId,
  ],
];

/** Texts for `scp`. */
export const scopes: readonly string[] = [
  "execute",
  "execute read",
  "read execute",
  "read execute write",
  "read  execute",
  " execute",
  "execute ",
  "execute execute",
  "execute.all",
  "xexecute",
  "executex",
  "EXECUTE",
  "Execute",
  "read\texecute",
  "execute\t",
  "read\u00a0execute",
  "read,execute",
  "read;execute",
  "read\nexecute",
  "execute\n",
  "execute\0",
  "exec ute",
  "",
  " ",
  "read",
  `api://${setting.apiClientId}/execute`,
  "execute/",
  "-execute",
  "!execute",
  "execut",
  "e\u0445ecute",
  "execute\u200b",
  "read|execute",
  "read+execute",
  "read%20execute",
  "\u3000execute",
  "*",
  ".default",
  `${"x".repeat(2000)} execute`,
  `${"a ".repeat(1000)}execute`,
  "\u2028execute",
  "execute\r",
];

/** JSON texts for `ver`. */
export const versionValues = [
  '"1.0"',
  '"2.0"',
  "1.0",
  "2.0",
  '"1"',
  '"2"',
  '"2.00"',
  '"02.0"',
  '"2.0 "',
  '" 2.0"',
  '"v2.0"',
  '"3.0"',
  '"2,0"',
  '"1.0.0"',
  '["2.0"]',
  '{"2.0":1}',
  "true",
  "null",
  '""',
  '"1.0 2.0"',
  "2",
  "1",
  '"__proto__"',
];

/** JSON texts that are no times, or strange ones. */
export const oddTimes = [
  "1e308",
  "-1e308",
  "0",
  "-1",
  "1e400",
  "-1e400",
  '"1800000000"',
  "null",
  "[1800000000]",
  "true",
];

/** Texts for `tid`. */
export const tenants = [
  setting.tenantId,
  setting.tenantId.toUpperCase(),
  setting.foreignTenantId,
  "",
  "common",
  "contoso.com",
  `{${setting.tenantId}}`,
  `${setting.tenantId}/`,
  `${setting.tenantId}\0`,
  setting.tenantId.replaceAll("-", ""),
];

/** Texts for `idp` that are no issuer of ours. */
export const foreignIdps = ["https://sts.windows.net/x/", "live.com", "google.com", "mail", ""];
/** JSON texts for `acct`; those that mean 1 are guests. */
export const accts = ["0", "1", "1.0", "10e-1", "2", "-1", '"1"', "true", "[1]", "null"];

/** JSON texts for `idtyp`. */
export const idtyps = "app app app user user user App APP User USER device appuser apps"
  .split(" ")
  .concat("", "app ", " user", "app user")
  .map((idtyp) => JSON.stringify(idtyp))
  .concat("null", "null", '["user"]', '["app"]', "true");
/** JSON texts for `roles`. */
export const roles = ['["execute"]', '"execute"', "[]", "null", '["execute","admin"]', "[1]", "{}"];
/** Claims and other words under which somebody might look for scopes. */
export const scopeNames = ["scope", "scopes", "SCP", "scp ", "roles", "permissions", "wids", "groups"];
