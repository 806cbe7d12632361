import { afterAll, describe } from "bun:test";
import { foreignTenantId } from "../../lib/devtenant/registration.ts";
import type { AccessTokenOverrides } from "../../lib/devtenant/token-overrides.ts";
import { type EntraRow, openTenant, type Sent, testRows } from "./entra-table.ts";

const tenant = await openTenant();
afterAll(() => tenant.stop());
const { publicClientId, daemonClientId, apiClientId, stsUrl, tenantId } = tenant;

const withScp = (scp: unknown): Sent => ({ claims: { scp } });

describe("scopes", () => {
  const lacks = ["execute"];
  testRows(tenant, [
    ["2a.10 one", withScp("execute"), 200, "ada"],
    ["2a.10 several", withScp("read execute write"), 200, "ada"],
    ["2a.9 none, 2a.27", withScp(null), 403, "insufficient_scope", [...lacks, "none"]],
    ["2a.9 empty", withScp(""), 403, "insufficient_scope", lacks],
    ["2a.9 v1.0: none", { version: "1.0", claims: { scp: null } }, 403, "insufficient_scope", lacks],
    [
      "2a.9 of ben, who was granted another",
      { person: "ben", scopes: ["read"] },
      403,
      "insufficient_scope",
      ["read"],
    ],
    ["2b.19 execute.all", withScp("execute.all"), 403, "insufficient_scope"],
    ["2b.19 xexecute", withScp("xexecute"), 403, "insufficient_scope"],
    ["2b.19 EXECUTE", withScp("EXECUTE"), 403, "insufficient_scope"],
    ["2b.19 the qualified scope", withScp(tenant.scope), 403, "insufficient_scope"],
    ["2b.19 a tab between", withScp("read\texecute"), 403, "insufficient_scope"],
    ["2b.19 a line feed between", withScp("read\nexecute"), 403, "insufficient_scope"],
    ["2b.19 a no-break space between", withScp("read\u00A0execute"), 403, "insufficient_scope"],
    ["2b.19 a comma between", withScp("read,execute"), 403, "insufficient_scope"],
    ["2b.19 two spaces between", withScp("read  execute"), 200, "ada"],
    ["2b.19 a list, 2a.10", withScp(["execute"]), 403, "insufficient_scope"],
    ["2b.19 an object", withScp({ execute: true }), 403, "insufficient_scope"],
    ["2a.10 scope in scp's place", { claims: { scp: null, scope: "execute" } }, 403, "insufficient_scope"],
    ["2a.10 scope beside scp", { claims: { scp: "read", scope: "execute" } }, 403, "insufficient_scope"],
  ]);
});

describe("two required scopes", () => {
  testRows(
    tenant,
    [
      ["2a.10 both", withScp("write execute"), 200, "ada"],
      ["2a.10 the first alone", withScp("execute"), 403, "insufficient_scope", ["lacks the scope write;"]],
      ["2a.10 the second alone", withScp("write"), 403, "insufficient_scope", ["lacks the scope execute;"]],
    ],
    { requiredScopes: ["execute", "write"] },
  );
});

describe("client applications", () => {
  const other: AccessTokenOverrides = { claims: { azp: foreignTenantId } };
  testRows(tenant, [["2b.16 without a list, any", { claims: { azp: foreignTenantId } }, 200, "ada"]]);
  testRows(
    tenant,
    [
      ["2b.16 on the list", {}, 200, "ada"],
      ["2b.16 on the list, in upper case", { claims: { azp: publicClientId.toUpperCase() } }, 200, "ada"],
      ["2b.16 v1.0 on the list", { version: "1.0" }, 200, "ada"],
      ["2b.16 not on the list", other, 403, "client_not_allowed", [foreignTenantId]],
      [
        "2b.16 v1.0 not on the list",
        { version: "1.0", claims: { appid: foreignTenantId } },
        403,
        "client_not_allowed",
      ],
      [
        "2b.16 v2.0 with an appid on the list",
        { claims: { azp: foreignTenantId, appid: publicClientId } },
        403,
        "client_not_allowed",
      ],
      [
        "2b.16 v1.0 with an azp on the list",
        { version: "1.0", claims: { appid: foreignTenantId, azp: publicClientId } },
        403,
        "client_not_allowed",
      ],
      [
        "2b.16 not on the list and without the scope",
        { claims: { azp: foreignTenantId, scp: "" } },
        403,
        "client_not_allowed",
      ],
      ["2b.16 expired comes first", { lifetimeSeconds: -120, ...other }, 401, "token_expired"],
    ],
    { allowedClients: [apiClientId, publicClientId] },
  );
});

describe("guests", () => {
  const foreignIdp = `${stsUrl}/${foreignTenantId}/`;
  const guests: readonly (readonly [name: string, sent: Sent])[] = [
    ["2b.17 acct 1 and a foreign idp", { person: "gia" }],
    ["2b.17 v1.0: acct 1 and a foreign idp", { version: "1.0", person: "gia" }],
    ["2b.17 acct 1 alone", { person: "gia", claims: { idp: null } }],
    ["2b.17 a foreign idp alone", { person: "gia", claims: { acct: null } }],
    ["2b.17 idp mail", { person: "gia", claims: { acct: null, idp: "mail" } }],
    ["2b.17 an acct that is no number", { person: "gia", claims: { acct: "0", idp: null } }],
    ["2b.17 an idp that is no text", { person: "gia", claims: { acct: null, idp: [foreignIdp] } }],
  ];
  testRows(tenant, [
    ...guests.map(([name, sent]): EntraRow => [name, sent, 403, "guest_not_allowed", ["Guests"]]),
    ["2b.17 a member: acct 0", { claims: { acct: 0 } }, 200, "ada"],
    ["2b.17 a member: acct 0 and a federated idp", { claims: { acct: 0, idp: foreignIdp } }, 200, "ada"],
    ["2b.17 a member: our v1.0 issuer as idp", { claims: { idp: `${stsUrl}/${tenantId}/` } }, 200, "ada"],
    [
      "2b.17 a member: our v2.0 issuer as idp",
      { claims: { idp: `${tenant.origin}/${tenantId}/v2.0` } },
      200,
      "ada",
    ],
    ["2b.17 a guest without the scope", { person: "gia", claims: { scp: "" } }, 403, "guest_not_allowed"],
  ]);
  testRows(
    tenant,
    [
      ...guests.map(([name, sent]): EntraRow => [`${name}, let in`, sent, 200, "gia"]),
      [
        "2b.17 a guest who is let in needs the scope",
        { person: "gia", claims: { scp: "" } },
        403,
        "insufficient_scope",
      ],
    ],
    { allowGuests: true },
  );
});

const app = (claims: Record<string, unknown> = {}): Sent => ({ kind: "app", claims });
const appV1 = (claims: Record<string, unknown> = {}): Sent => ({ kind: "app", version: "1.0", claims });
const person = (claims: Record<string, unknown>): Sent => ({ claims });
const run = { roles: ["run"] };

describe("applications without a person", () => {
  const hint = ["without a signed-in person"];
  testRows(tenant, [
    ["2b.18 with a role and idtyp", app({ ...run, idtyp: "app" }), 403, "app_only_token", hint],
    ["2b.18 with a role, without idtyp", app(run), 403, "app_only_token", hint],
    ["2b.18 v1.0: with a role, without idtyp", appV1(run), 403, "app_only_token", hint],
    ["2b.18 with a role that is called like the scope", app({ roles: ["execute"] }), 403, "app_only_token"],
    ["2b.18 with a scp of its own", app({ idtyp: "app", scp: "execute" }), 403, "app_only_token"],
    ["2b.18 without oid", app({ ...run, oid: null }), 403, "app_only_token"],
    ["2b.18 without roles and idtyp", app(), 403, "app_only_token"],
    ["2b.18 a person with a role, without scp", person({ ...run, scp: null }), 403, "insufficient_scope"],
    [
      "2b.18 a person with a role and idtyp, without scp",
      person({ ...run, scp: null, idtyp: "user" }),
      403,
      "insufficient_scope",
    ],
    ["2b.18 a person with roles and scp", person({ ...run, idtyp: "user" }), 200, "ada"],
    [
      "2b.18 an idtyp that nobody knows",
      person({ idtyp: "device" }),
      401,
      "invalid_claim",
      ["idtyp", "device"],
    ],
    ["2b.18 an idtyp in upper case", app({ ...run, idtyp: "APP" }), 401, "invalid_claim"],
    ["2b.18 an idtyp that is a list", person({ idtyp: ["app"] }), 401, "invalid_claim"],
  ]);
});

describe("applications with an app role", () => {
  testRows(
    tenant,
    [
      ["2b.18 with the role", app({ ...run, idtyp: "app" }), 200, "daemon"],
      ["2b.18 with the role, without idtyp", app(run), 200, "daemon"],
      ["2b.18 v1.0: with the role", appV1(run), 200, "daemon"],
      ["2b.18 with the other role", app({ roles: ["x", "walk"] }), 200, "daemon"],
      ["2b.18 with another role", app({ roles: ["runner"] }), 403, "missing_role", ["run or walk"]],
      ["2b.18 with the role in upper case", app({ roles: ["RUN"] }), 403, "missing_role"],
      ["2b.18 with the role as a text", app({ roles: "run" }), 403, "missing_role"],
      ["2b.18 with the role in its scp", app({ idtyp: "app", scp: "run" }), 403, "missing_role"],
      ["2b.18 without roles", app({ idtyp: "app" }), 403, "missing_role"],
      [
        "2b.18 a person needs the scope all the same",
        person({ ...run, scp: null }),
        403,
        "insufficient_scope",
      ],
      ["2b.18 a person needs no role", {}, 200, "ada"],
    ],
    { appRoles: ["run", "walk"] },
  );
  testRows(
    tenant,
    [
      ["2b.16 an application on the list of clients", app(run), 200, "daemon"],
      ["2b.16 a person's client that is not", {}, 403, "client_not_allowed"],
    ],
    { appRoles: ["run"], allowedClients: [daemonClientId] },
  );
});

// 2b.30 (groups that are missing because there are too many, `_claim_names`) does not apply: no right here depends
// on groups, so that a token without them opens nothing. Rights are scopes, app roles and lists of clients.
describe("groups", () => {
  testRows(tenant, [
    [
      "2b.30 by design: they open nothing",
      { claims: { scp: "", groups: ["execute"] } },
      403,
      "insufficient_scope",
    ],
    [
      "2b.30 by design: that there are too many closes nothing",
      { claims: { _claim_names: { groups: "src1" } } },
      200,
      "ada",
    ],
  ]);
});
