/** Near misses and near hits of each rule of the table, all signed again. */
import { dropMember, type Draft, type Mutator, setMember, text } from "./draft.ts";
import { pickOddValue } from "./odd-values.ts";
import type { Random } from "./random.ts";
import * as setting from "./setting.ts";

const graph = "00000003-0000-0000-c000-000000000000";

function issuers({ authority }: Draft): readonly string[] {
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

const audiences: readonly string[] = [
  setting.apiClientId,
  setting.apiClientId.toUpperCase(),
  `${setting.apiClientId}/`,
  ` ${setting.apiClientId}`,
  ...setting.appIdUris.flatMap((uri) => [
    uri,
    `${uri}/`,
    `${uri}//`,
    `${uri}x`,
    uri.slice(0, -1),
    `${uri}/execute`,
  ]),
  ...setting.appIdUris.flatMap((uri) => [
    `${uri}?`,
    `${uri}#`,
    `${uri} `,
    uri.replace("://", ":/"),
    `x${uri}`,
  ]),
  "https://mcp.contoso.com",
  "https://mcp.contoso.com/",
  "https://mcp.contoso.com/MCP",
  "api://",
  "api:///",
  "https://MCP.contoso.com/mcp",
  "https://mcp.contoso.com:443/mcp",
  "http://mcp.contoso.com/mcp",
  "",
  graph,
  "https://graph.microsoft.com",
  "https://graph.microsoft.com/",
  setting.foreignTenantId,
  setting.clientApp,
  setting.tenantId,
  `{${setting.apiClientId}}`,
  `spn:${setting.apiClientId}`,
  "*",
  setting.apiClientId.replaceAll("-", ""),
  `${setting.apiClientId},${setting.apiClientId}`,
];

const scopes: readonly string[] = [
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

const versionValues = [
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

/** Distances from an edge: on it, a little and a lot to either side. */
const distances = [-86400, -61, -60, -2, -1, -0.5, -0.001, 0, 0.001, 0.5, 1, 2, 60, 61, 86400];
const minuteAway = [-60, 60];
const odd = {
  time: ["1e308", "-1e308", "0", "-1", "1e400", "-1e400", '"1800000000"', "null", "[1800000000]", "true"],
};

function changeTime(draft: Draft, random: Random): void {
  const name = random.pick(["exp", "nbf", "iat"]);
  const edge = draft.nowSeconds + (name === "exp" ? -setting.skewSeconds : setting.skewSeconds);
  const around = random.oneIn(6) ? draft.nowSeconds + random.pick(minuteAway) * random.next() : edge;
  setMember(draft.claims, name, text(around + random.pick(distances)));
}

const pickVersion = (random: Random) => random.pick(random.oneIn(3) ? versionValues : ['"1.0"', '"2.0"']);

function crossVersions(draft: Draft, random: Random): void {
  setMember(draft.claims, "ver", pickVersion(random));
  const version = random.pick(setting.versions);
  setMember(draft.claims, "iss", text(setting.issuerOf(draft.authority, version)));
  const audience = random.pick([setting.apiClientId, ...setting.appIdUris]);
  setMember(draft.claims, "aud", text(audience));
  for (const name of ["azp", "appid"]) {
    if (random.oneIn(3)) dropMember(draft.claims, name);
    else setMember(draft.claims, name, random.oneIn(8) ? pickOddValue(random) : text(setting.clientApp));
  }
}

function changeGuest(draft: Draft, random: Random): void {
  const iss = setting.issuerOf(draft.authority, draft.version);
  const idps = [
    iss,
    iss,
    `${iss}/`,
    iss.toUpperCase(),
    "https://sts.windows.net/x/",
    "live.com",
    "",
    ...issuers(draft),
  ];
  if (random.oneIn(2)) setMember(draft.claims, "idp", text(random.pick(idps)));
  else
    setMember(
      draft.claims,
      "acct",
      random.pick(["0", "1", "1.0", "10e-1", "2", "-1", '"1"', "true", "[1]", "null"]),
    );
  if (random.oneIn(8)) setMember(draft.claims, "idp", pickOddValue(random));
}

function changeApp(draft: Draft, random: Random): void {
  const idtyps = [
    "app",
    "app",
    "user",
    "user",
    "App",
    "APP",
    "User",
    "app ",
    "device",
    "",
    "appuser",
    "app user",
  ];
  if (random.oneIn(2)) setMember(draft.claims, "idtyp", text(random.pick(idtyps)));
  const roles = ['["execute"]', '"execute"', "[]", "null", '["execute","admin"]', "[1]", "{}"];
  if (random.oneIn(2)) setMember(draft.claims, "roles", random.pick(roles));
  if (random.oneIn(2)) dropMember(draft.claims, "scp");
}

/** Two faults at once: expired, and a person or app that may not. */
function expireAnd(draft: Draft, random: Random): void {
  setMember(
    draft.claims,
    "exp",
    text(draft.nowSeconds - setting.skewSeconds - random.pick([0, 0.25, 1, 1000])),
  );
  random.pick([changeGuest, changeApp, (other: Draft) => setMember(other.claims, "scp", '"read"')])(
    draft,
    random,
  );
}

function makeIdToken(draft: Draft, random: Random): void {
  dropMember(draft.claims, random.oneIn(4) ? "oid" : "scp");
  dropMember(draft.claims, draft.version === "2.0" ? "azp" : "appid");
  setMember(draft.claims, "nonce", '"n-0S6_WzA2Mj"');
  setMember(draft.claims, "aud", text(random.pick([setting.apiClientId, setting.clientApp])));
}

function makeGraphToken(draft: Draft, random: Random): void {
  setMember(draft.header, "nonce", '"header-nonce"');
  setMember(draft.claims, "aud", text(random.pick([graph, "https://graph.microsoft.com"])));
  if (random.oneIn(2)) setMember(draft.claims, "scp", '"User.Read execute"');
}

const pickText = (name: string, values: (draft: Draft) => readonly string[]): Mutator["change"] => {
  return (draft, random) => setMember(draft.claims, name, text(random.pick(values(draft))));
};

/** One mutator for each rule, and some that break several at once. */
export const ruleMutators: readonly Mutator[] = [
  { name: "rule: issuer", change: pickText("iss", issuers) },
  { name: "rule: audience", change: pickText("aud", () => audiences) },
  { name: "rule: scope", change: pickText("scp", () => scopes) },
  {
    name: "rule: version",
    change: (draft, random) => setMember(draft.claims, "ver", random.pick(versionValues)),
  },
  { name: "rule: version, issuer, audience and client crossed", change: crossVersions },
  { name: "rule: times at the edge", change: changeTime },
  {
    name: "rule: times that are none",
    change: (draft, random) =>
      setMember(draft.claims, random.pick(["exp", "nbf", "iat"]), random.pick(odd.time)),
  },
  {
    name: "rule: tenant",
    change(draft, random) {
      const { tenantId, foreignTenantId } = setting;
      const tenants = [
        tenantId.toUpperCase(),
        foreignTenantId,
        "",
        "common",
        `{${tenantId}}`,
        `${tenantId}/`,
      ];
      const version = draft.version;
      const tenant = random.pick([...tenants, "contoso.com", tenantId.replaceAll("-", ""), `${tenantId}\0`]);
      setMember(draft.claims, "tid", text(tenant));
      if (!random.oneIn(3)) return;
      setMember(draft.claims, "iss", text(setting.issuerOf(draft.authority, version, tenant)));
    },
  },
  {
    name: "rule: subject and client",
    change(draft, random) {
      const names = ["sub", draft.version === "2.0" ? "azp" : "appid"];
      const value = random.oneIn(2)
        ? pickOddValue(random)
        : text(random.pick(["", " ", "\0", "x", "'; --", "\u00e9"]));
      setMember(draft.claims, random.pick(names), value);
    },
  },
  {
    name: "rule: the other version's client",
    change(draft, random) {
      const [own, other] = draft.version === "2.0" ? ["azp", "appid"] : ["appid", "azp"];
      setMember(draft.claims, other, text(setting.clientApp));
      if (random.oneIn(2)) dropMember(draft.claims, own);
    },
  },
  { name: "rule: guests", change: changeGuest },
  { name: "rule: applications", change: changeApp },
  { name: "rule: expired, and not permitted either", change: expireAnd },
  { name: "rule: an id token", change: makeIdToken },
  { name: "rule: a Graph token", change: makeGraphToken },
];
