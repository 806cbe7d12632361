import type { MutantGroup } from "./mutant.ts";

const callers = ["verification/entra-callers.test.ts"];

/** Who a caller is, and what they may do. */
export const callerMutants: readonly MutantGroup[] = [
  {
    file: "lib/auth/server/entra-caller.ts",
    tests: [
      ...callers,
      "verification/entra-claims.test.ts",
      "verification/remembered.test.ts",
      "auth-server/verify-token.test.ts",
    ],
    mutations: [
      ["idtyp is not read", '  if (claims["idtyp"] !== undefined) return claims["idtyp"] === "app";\n', ""],
      ["any idtyp makes an application", 'return claims["idtyp"] === "app";', "return true;"],
      ["scp does not make a person", '  if (claims["scp"] !== undefined) return false;\n', ""],
      ["applications without oid are people", 'claims["oid"] === undefined || ', ""],
      ["applications are people", ' || claims["oid"] === claims["sub"]', ""],
      ["people without scp are applications", 'claims["oid"] === claims["sub"]', "true"],
      ["acct is not read", "  if (acct !== undefined) return acct !== 0;\n", ""],
      ["an odd acct makes a member", "return acct !== 0;", "return acct === 1;"],
      ["idp is not read", "return !own.includes(idp);", "return false;"],
      ["any idp makes a guest", "return !own.includes(idp);", "return true;"],
      ["who has no idp is a guest", "  if (idp === undefined) return false;\n", ""],
      [
        "one key for all people without oid",
        'isApplication(claims) ? "app" : `sub=${escapeSeparators(readText(claims, "sub"))}`',
        '"app"',
      ],
      [
        "the client's claim by what is there",
        'claims["ver"] === "2.0" ? "azp" : "appid"',
        'claims["azp"] !== undefined ? "azp" : "appid"',
      ],
      ["clients by letter case", '"azp" : "appid").toLowerCase()', '"azp" : "appid")'],
      [
        "people by letter case",
        'readOptionalText(claims, "oid")?.toLowerCase()',
        'readOptionalText(claims, "oid")',
      ],
      ["one key for all tenants", "[tenantId, subjectKey", "[subjectKey"],
      ["one key for all people", "subjectKey(claims, objectId), ", ""],
      ["one key for all clients", ", clientApp].join", "].join"],
      ["keys that run into each other", "text.replace(/[%:=]/g, encodeURIComponent)", "text"],
      ["no token id", 'tokenId: readOptionalText(claims, "uti"),', "tokenId: undefined,"],
      ["roles are not read", 'roles: readList(claims, "roles")', "roles: []"],
    ],
  },
  {
    file: "lib/auth/server/check-permission.ts",
    tests: callers,
    mutations: [
      ["any client", "[usesAllowedClient, ", "["],
      ["no client unless it is listed", "allowedClients.length === 0 || ", ""],
      [
        "clients that begin alike",
        "allowedClients.includes(principal.clientApp)",
        "allowedClients.some((id) => id.slice(0, 8) === principal.clientApp.slice(0, 8))",
      ],
      ["any application", " hasApplicationRole,", ""],
      ["applications without a role are asked for one", "if (appRoles.length === 0) {", "if (false) {"],
      ["any role", "principal.roles.some((role) => appRoles.includes(role))", "principal.roles.length > 0"],
      ["roles that begin alike", "appRoles.includes(role)", "appRoles.some((own) => role.startsWith(own))"],
      [
        "all roles",
        "principal.roles.some((role) => appRoles.includes(role))",
        "appRoles.every((role) => principal.roles.includes(role))",
      ],
      [
        "no role is needed",
        "if (principal.roles.some((role) => appRoles.includes(role))) return undefined;",
        "return undefined;",
      ],
      ["people need a role", "  if (!isApplication) return undefined;\n", ""],
      ["any guest", " isAcceptedGuest,", ""],
      ["no guest", "if (!isGuest || allowGuests) return undefined;", "if (!isGuest) return undefined;"],
      [
        "members are guests",
        "if (!isGuest || allowGuests) return undefined;",
        "if (allowGuests) return undefined;",
      ],
      ["any scope", ", hasScopes]", "]"],
      [
        "scopes that begin alike",
        "!principal.scopes.includes(scope)",
        "!principal.scopes.some((own) => own.startsWith(scope))",
      ],
      [
        "scopes that end alike",
        "!principal.scopes.includes(scope)",
        "!principal.scopes.some((own) => own.endsWith(scope))",
      ],
      [
        "scopes in any letter case",
        "!principal.scopes.includes(scope)",
        "!principal.scopes.map((own) => own.toLowerCase()).includes(scope)",
      ],
      [
        "one scope is enough",
        "if (missing.length === 0) return undefined;",
        "if (missing.length < requiredScopes.length) return undefined;",
      ],
      ["applications need scopes", "  if (isApplication) return undefined;\n", ""],
      [
        "the scope comes before the client",
        "[usesAllowedClient, hasApplicationRole, isAcceptedGuest, hasScopes]",
        "[hasScopes, usesAllowedClient, hasApplicationRole, isAcceptedGuest]",
      ],
    ],
  },
  {
    file: "lib/auth/server/entra-authority.ts",
    tests: [
      "verification/entra-tenants.test.ts",
      "verification/entra-keys.test.ts",
      "verification/entra-claims.test.ts",
      "auth-server/entra-tenants.test.ts",
    ],
    mutations: [
      [
        "keys of any issuer",
        "if (Object.values(entraIssuers(cloud, tenantId)).includes(issuer)) return;",
        "return;",
      ],
      [
        "keys must name their issuer",
        "  if (template === undefined) return;\n",
        '  if (template === undefined) throw new AppError("wrong_issuer", "");\n',
      ],
      ["keys for any tenant are nobody's", '.replace("{tenantid}", tenantId)', ""],
      [
        "keys' issuers by letter case",
        '.replace("{tenantid}", tenantId).toLowerCase()',
        '.replace("{tenantid}", tenantId)',
      ],
      [
        "the claims are not looked at",
        "      checkEntraClaims(claims, expectation(), nowSeconds(clock));\n",
        "",
      ],
      ["one tenant's keys for all", "return tenant.keyStore;", "return tenants[0]!.keyStore;"],
      ["tid by letter case", "? tid.toLowerCase() :", "? tid :"],
      ["tid of any type", 'typeof tid === "string" ? tid.toLowerCase() : ""', "String(tid).toLowerCase()"],
      ["tenants by letter case", "isGuid(name) ? name.toLowerCase()", "isGuid(name) ? name"],
      ["the API by letter case", "options.apiClientId.toLowerCase()", "options.apiClientId"],
      [
        "domains are not looked up",
        "if (isGuid(tenantId) && !findTenant(tenantId)) await resolveTenants(tenantId);",
        "",
      ],
      [
        "anything makes them look up domains",
        "isGuid(tenantId) && !findTenant(tenantId)",
        "!findTenant(tenantId)",
      ],
      [
        "domains are looked up each time",
        "id ??= await resolveTenant(",
        "if (!isGuid(name)) id = await resolveTenant(",
      ],
      [
        "a lookup that failed is another tenant",
        "&& !findTenant(tenantId)) throw failed.reason;",
        "&& false) throw failed.reason;",
      ],
      [
        "a lookup that failed harms all",
        'failed?.status === "rejected" && !findTenant(tenantId)',
        'failed?.status === "rejected"',
      ],
      [
        "ready when all are",
        "tenants.some(({ keyStore }) => keyStore.isLoaded())",
        "tenants.every(({ keyStore }) => keyStore.isLoaded())",
      ],
      ["keys of all tenants", "/${id}/discovery/v2.0/keys", "/common/discovery/v2.0/keys"],
    ],
  },
  {
    file: "lib/auth/server/resolve-tenant.ts",
    tests: ["verification/entra-tenants.test.ts", "auth-server/issuer-documents.test.ts"],
    mutations: [
      ["an issuer of any cloud", "issuer.startsWith(prefix) ?", "true ?"],
      ["any name of a tenant", "if (id !== undefined && isGuid(id))", "if (id !== undefined)"],
      ["by letter case", "return id.toLowerCase();", "return id;"],
    ],
  },
];
