import { afterAll, describe, expect, test } from "bun:test";
import { foreignTenantId, personalTenantId } from "../../lib/devtenant/registration.ts";
import { addFirst, withClaimsText, withTimes } from "./edit-token.ts";
import {
  claimsOf,
  expectOutcome,
  mcpUri,
  openTenant,
  type Sent,
  startEntraStack,
  testRows,
  type TestTenant,
} from "./entra-table.ts";
import { expectAdmitted } from "./expect-answer.ts";

const tenant = await openTenant();
afterAll(() => tenant.stop());
const { tenantId, apiClientId, origin, stsUrl } = tenant;

/** Writes a claim as JSON text, in place of a text. */
const write = (name: string, json: string) =>
  withClaimsText((text) => text.replace(new RegExp(`"${name}":(?:"[^"]*"|\\d+)`), `"${name}":${json}`));

describe("times", () => {
  testRows(tenant, [
    ["2a.2 expired", { lifetimeSeconds: -120 }, 401, "token_expired", ["get a new one"]],
    ["2b.6 no exp", { claims: { exp: null } }, 401, "missing_claim", ['"exp"']],
    ["2b.6 no nbf", { claims: { nbf: null } }, 401, "missing_claim", ['"nbf"']],
    ["2b.6 no iat", { claims: { iat: null } }, 401, "missing_claim", ['"iat"']],
    ["2b.6 exp a text", { claims: { exp: "99999999999" } }, 401, "invalid_claim", ['"exp"']],
    ["2b.6 exp true", { claims: { exp: true } }, 401, "invalid_claim"],
    ["2b.6 exp a list", { claims: { exp: [99_999_999_999] } }, 401, "invalid_claim"],
    ["2b.6 exp null", write("exp", "null"), 401, "invalid_claim"],
    ["2b.6 exp NaN", write("exp", "NaN"), 401, "malformed_token"],
    ["2b.6 exp 1e400", write("exp", "1e400"), 401, "invalid_claim"],
    ["2b.6 exp 0", { claims: { exp: 0 } }, 401, "token_expired"],
    ["2b.6 exp negative", { claims: { exp: -1 } }, 401, "token_expired"],
    ["2b.6 nbf a text", { claims: { nbf: "0" } }, 401, "invalid_claim", ['"nbf"']],
    ["2b.6 iat a text", { claims: { iat: "0" } }, 401, "invalid_claim", ['"iat"']],
    ["2b.6 iat -1e400", write("iat", "-1e400"), 401, "invalid_claim"],
    ["2b.7 exp 59 s ago", withTimes({ exp: -59 }), 200, "ada"],
    ["2b.7 exp 59.5 s ago", withTimes({ exp: -59.5 }), 200, "ada"],
    ["2b.7 exp 60 s ago, on the edge", withTimes({ exp: -60 }), 401, "token_expired"],
    ["2b.7 nbf in 60 s, on the edge", withTimes({ nbf: 60 }), 200, "ada"],
    ["2b.7 nbf in 61 s", withTimes({ nbf: 61 }), 401, "token_not_yet_valid", ["compare the clocks"]],
    ["2b.8 iat in 60 s, on the edge", withTimes({ iat: 60 }), 200, "ada"],
    ["2b.8 iat in 61 s", withTimes({ iat: 61 }), 401, "token_not_yet_valid"],
    ["2b.8 iat in a day", withTimes({ iat: 86_400 }), 401, "token_not_yet_valid"],
    [
      "2b.20 expired and without scope",
      { lifetimeSeconds: -120, person: "ben", scopes: ["read"] },
      401,
      "token_expired",
    ],
    ["2b.20 expired, of a guest", { lifetimeSeconds: -120, person: "gia" }, 401, "token_expired"],
    ["2b.20 expired, of an application", { lifetimeSeconds: -120, kind: "app" }, 401, "token_expired"],
  ]);
});

describe("times without skew", () => {
  testRows(
    tenant,
    [
      ["2b.7 exp in 1 s", withTimes({ exp: 1 }), 200, "ada"],
      ["2b.7 exp now", withTimes({ exp: 0 }), 401, "token_expired"],
      ["2b.7 nbf now", withTimes({ nbf: 0 }), 200, "ada"],
      ["2b.7 nbf in 1 s", withTimes({ nbf: 1 }), 401, "token_not_yet_valid"],
    ],
    { skewSeconds: 0 },
  );
});

describe("times with ten minutes of skew", () => {
  testRows(
    tenant,
    [
      ["2b.7 exp 599 s ago", withTimes({ exp: -599 }), 200, "ada"],
      ["2b.7 exp 600 s ago", withTimes({ exp: -600 }), 401, "token_expired"],
    ],
    { skewSeconds: 600 },
  );
});

describe("the audience", () => {
  const v1 = (aud: unknown): Sent => ({ version: "1.0", claims: { aud } });
  const v2 = (aud: unknown): Sent => ({ version: "2.0", claims: { aud } });
  const uri = `api://${apiClientId}`;
  testRows(tenant, [
    ["2b.12 C v2.0 the client id, 2a.21", v2(apiClientId), 200, "ada"],
    ["2b.12 C v2.0 the client id in upper case", v2(apiClientId.toUpperCase()), 200, "ada"],
    ["2b.12 C v2.0 the App ID URI", v2(uri), 401, "wrong_audience", [uri, apiClientId, tenant.scope]],
    ["2b.12 C v2.0 the MCP URL", v2(mcpUri), 401, "wrong_audience"],
    [
      "2b.12 C v2.0 another API, 2a.4",
      v2(foreignTenantId),
      401,
      "wrong_audience",
      [foreignTenantId, apiClientId],
    ],
    ["2b.12 C v2.0 the public client", v2(tenant.publicClientId), 401, "wrong_audience"],
    ["2b.12 C v1.0 the client id", v1(apiClientId), 200, "ada"],
    ["2b.12 C v1.0 the App ID URI, 2a.21", v1(uri), 200, "ada"],
    ["2b.12 C v1.0 the App ID URI with a slash", v1(`${uri}/`), 200, "ada"],
    ["2b.12 C v1.0 the MCP URL", v1(mcpUri), 200, "ada"],
    ["2b.12 C v1.0 the MCP URL with a slash", v1(`${mcpUri}/`), 200, "ada"],
    [
      "2b.12 C v1.0 another App ID URI",
      v1("api://other"),
      401,
      "wrong_audience",
      ["api://other", uri, mcpUri, "--audience"],
    ],
    ["2b.12 C v1.0 an App ID URI that begins with ours", v1(`${uri}x`), 401, "wrong_audience"],
    ["2b.12 C v1.0 two slashes", v1(`${uri}//`), 401, "wrong_audience"],
    ["2b.12 C v1.0 the origin of the MCP URL", v1("https://mcp.contoso.com"), 401, "wrong_audience"],
    ["2b.11 a list that contains ours, 2a.5", v2([apiClientId]), 401, "invalid_claim", ['"aud"']],
    ["2b.11 a list of two, 2a.5", v2([foreignTenantId, apiClientId]), 401, "invalid_claim"],
    ["2a.4 none", v2(null), 401, "missing_claim", ['"aud"']],
    ["2a.4 empty", v2(""), 401, "invalid_claim"],
    ["2a.4 an object", v2({ [apiClientId]: true }), 401, "invalid_claim"],
  ]);
});

describe("Graph's tokens", () => {
  const hint = ["Microsoft Graph", tenant.scope];
  const forGraph = (aud: string): Sent => ({ claims: { aud } });
  testRows(tenant, [
    ["2b.21 with their nonce in the header", { kind: "graph" }, 401, "graph_token", hint],
    ["2b.21 by URI", { kind: "graph", resource: "https://graph.microsoft.com" }, 401, "graph_token", hint],
    [
      "2b.21 by URI with a slash",
      { kind: "graph", resource: "https://graph.microsoft.com/" },
      401,
      "graph_token",
    ],
    ["2b.21 of US Government", forGraph("https://graph.microsoft.us"), 401, "graph_token"],
    ["2b.21 of the Department of Defense", forGraph("https://dod-graph.microsoft.us"), 401, "graph_token"],
    ["2b.21 of China", forGraph("https://microsoftgraph.chinacloudapi.cn"), 401, "graph_token"],
    ["2b.21 a host that begins alike", forGraph("https://graph.microsoft.com.evil"), 401, "wrong_audience"],
  ]);
});

describe("version, issuer and tenant", () => {
  const v2Issuer = (tid: string) => `${origin}/${tid}/v2.0`;
  const v1Issuer = (tid: string) => `${stsUrl}/${tid}/`;
  const v1 = (claims: Record<string, unknown>): Sent => ({ version: "1.0", claims });
  testRows(tenant, [
    ["C v2.0", { version: "2.0" }, 200, "ada"],
    ["C v1.0", { version: "1.0" }, 200, "ada"],
    ["C no ver", { claims: { ver: null } }, 401, "unsupported_version", ["missing"]],
    ["C ver 3.0", { claims: { ver: "3.0" } }, 401, "unsupported_version", ["3.0"]],
    ["C ver a number", { claims: { ver: 2 } }, 401, "unsupported_version"],
    ["C ver 2.0 in a list", { claims: { ver: ["2.0"] } }, 401, "unsupported_version"],
    [
      "2b.13 C v1.0 with the v2.0 issuer",
      v1({ iss: v2Issuer(tenantId) }),
      401,
      "wrong_issuer",
      [v1Issuer(tenantId)],
    ],
    [
      "2b.13 C v2.0 with the v1.0 issuer",
      { claims: { iss: v1Issuer(tenantId) } },
      401,
      "wrong_issuer",
      [v2Issuer(tenantId)],
    ],
    ["2b.13 v1.0 said to be v2.0", v1({ ver: "2.0" }), 401, "wrong_issuer"],
    ["2b.13 v2.0 said to be v1.0", { claims: { ver: "1.0" } }, 401, "wrong_issuer"],
    [
      "2b.14 iss and tid of another tenant",
      { claims: { iss: v2Issuer(foreignTenantId), tid: foreignTenantId } },
      401,
      "wrong_tenant",
      [foreignTenantId],
    ],
    [
      "2b.14 v1.0: iss and tid of another tenant",
      v1({ iss: v1Issuer(foreignTenantId), tid: foreignTenantId }),
      401,
      "wrong_tenant",
    ],
    ["2b.14 iss ours, tid of another tenant", { claims: { tid: foreignTenantId } }, 401, "wrong_tenant"],
    [
      "2b.14 tid ours, iss of another tenant",
      { claims: { iss: v2Issuer(foreignTenantId) } },
      401,
      "wrong_issuer",
    ],
    [
      "2b.14 v1.0: tid ours, iss of another tenant",
      v1({ iss: v1Issuer(foreignTenantId) }),
      401,
      "wrong_issuer",
    ],
    [
      "2b.14 of personal accounts",
      { claims: { iss: v2Issuer(personalTenantId), tid: personalTenantId } },
      401,
      "wrong_tenant",
    ],
    ["2b.14 no tid", { claims: { tid: null } }, 401, "missing_claim", ['"tid"']],
    ["2b.14 tid empty", { claims: { tid: "" } }, 401, "invalid_claim"],
    ["2b.14 tid a list", { claims: { tid: [tenantId] } }, 401, "invalid_claim"],
    [
      "2b.14 tid an object that cannot become a text",
      { claims: { tid: { toString: 1 } } },
      401,
      "invalid_claim",
    ],
    ["2b.14 tid no GUID", { claims: { tid: "common" } }, 401, "wrong_tenant"],
    ["2b.14 tid our domain", { claims: { tid: "devtenant.example" } }, 401, "wrong_tenant"],
    ["2b.14 C tid in upper case", { claims: { tid: tenantId.toUpperCase() } }, 200, "ada"],
    ["2b.14 tid with a path", { claims: { tid: `${tenantId}/v2.0` } }, 401, "wrong_tenant"],
    [
      "2a.3 iss of elsewhere",
      { claims: { iss: "https://evil.example" } },
      401,
      "wrong_issuer",
      ["evil.example"],
    ],
    ["2a.3 no iss", { claims: { iss: null } }, 401, "missing_claim", ['"iss"']],
    ["2a.3 iss with a slash at its end", { claims: { iss: `${v2Issuer(tenantId)}/` } }, 401, "wrong_issuer"],
    ["2a.3 v1.0: iss without its slash", v1({ iss: v1Issuer(tenantId).slice(0, -1) }), 401, "wrong_issuer"],
    ["2a.6 a list of issuers", { claims: { iss: [v2Issuer(tenantId)] } }, 401, "invalid_claim"],
    [
      "2b.22 an issuer of B2C, 2a.24",
      { claims: { iss: `https://contoso.b2clogin.com/${tenantId}/v2.0/` } },
      401,
      "wrong_issuer",
    ],
    [
      "2b.22 an issuer of External ID",
      { claims: { iss: `https://${tenantId}.ciamlogin.com/${tenantId}/v2.0` } },
      401,
      "wrong_issuer",
    ],
    [
      "2b.22 the public cloud's issuer",
      { claims: { iss: `https://login.microsoftonline.com/${tenantId}/v2.0` } },
      401,
      "wrong_issuer",
    ],
  ]);
});

describe("the caller", () => {
  testRows(tenant, [
    ["C v2.0: no azp", { claims: { azp: null } }, 401, "missing_claim", ['"azp"']],
    ["C v1.0: no appid", { version: "1.0", claims: { appid: null } }, 401, "missing_claim", ['"appid"']],
    [
      "C v2.0: appid in azp's place",
      { claims: { azp: null, appid: tenant.publicClientId } },
      401,
      "missing_claim",
    ],
    ["C azp a list", { claims: { azp: [tenant.publicClientId] } }, 401, "invalid_claim"],
    ["C azp in upper case", { claims: { azp: tenant.publicClientId.toUpperCase() } }, 200, "ada"],
    ["C no sub", { claims: { sub: null } }, 401, "missing_claim", ['"sub"']],
    ["C sub a number", { claims: { sub: 7 } }, 401, "invalid_claim"],
    ["2b.9 claims of any other name", withClaimsText(addFirst('"constructor":1,"toString":"x"')), 200, "ada"],
  ]);

  /** Who that token says that it is. */
  async function keyOf(own: TestTenant, claims: Record<string, unknown>): Promise<string> {
    await using stack = startEntraStack(own);
    return (await expectAdmitted(await stack.askWith(await own.mintAccessToken({ claims })))).key;
  }

  test("C without oid it is known by sub, and taken for nobody else", async () => {
    const [ada, bob] = [
      await keyOf(tenant, { oid: null, sub: "a" }),
      await keyOf(tenant, { oid: null, sub: "b" }),
    ];
    expect(ada).toBe(`${tenantId}:sub=a:${tenant.publicClientId}`);
    expect(bob).not.toBe(ada);
    expect(await keyOf(tenant, { oid: 7, sub: "a" })).toBe(ada);
  });

  test("the caller's scopes and roles are the token's", async () => {
    await using stack = startEntraStack(tenant);
    const claims = { scp: "execute read", roles: ["admin", 7] };
    const token = await tenant.mintAccessToken({ claims });
    expect(await expectAdmitted(await stack.askWith(token))).toMatchObject({
      scopes: ["execute", "read"],
      roles: ["admin"],
      displayName: claimsOf(token)["name"],
    });
  });

  test.each([
    ["quotes, line ends and escapes", `"\r\n\u001B[31m${"x".repeat(1000)}`],
    ["other alphabets", "https://\u00fc\u20ac\ud83d\ude00\u202e\\"],
  ])("what a stranger wrote comes back cut and quoted: %s", async (_, iss) => {
    await using stack = startEntraStack(tenant);
    const token = await tenant.mintAccessToken({ claims: { iss } });
    await expectOutcome({ tenant, stack }, token, [401, "wrong_issuer"]);
    const answer = await stack.askWith(token);
    const text = `${answer.headers.get("www-authenticate")} ${await answer.text()}`;
    expect(text.length).toBeLessThan(1200);
    expect(text).not.toMatch(/[\u0000-\u001F\u007F-\u009F\u202A-\u202E]|\[31m/);
  });

  testRows(tenant, [["2b.12 an API client id that is configured in upper case", {}, 200, "ada"]], {
    apiClientId: apiClientId.toUpperCase(),
  });
});
