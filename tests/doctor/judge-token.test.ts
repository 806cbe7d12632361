import { describe, expect, test } from "bun:test";
import { judgeToken, type TokenExpectation } from "../../lib/doctor/judge-token.ts";

const tenant = "11111111-2222-4333-8444-555555555555";
const api = "aaaaaaaa-2222-4333-8444-555555555555";
const now = 1_800_000_000;

const v2 = {
  ver: "2.0",
  iss: `https://login.microsoftonline.com/${tenant}/v2.0`,
  tid: tenant,
  aud: api,
  sub: "s",
  oid: "o",
  azp: "c",
  scp: "execute",
  iat: now - 10,
  nbf: now - 10,
  exp: now + 3600,
};
const v1 = { ...v2, ver: "1.0", iss: `https://sts.windows.net/${tenant}/`, aud: `api://${api}`, appid: "c" };

const expected: TokenExpectation = {
  tenantId: tenant,
  scope: `api://${api}/execute`,
  cloud: "public",
  policy: { allowGuests: false, allowApplications: false },
};

function judge(claims: object, changes: Partial<TokenExpectation> = {}): string | undefined {
  return judgeToken({ ...claims }, { ...expected, ...changes }, now)?.code;
}

describe("judgeToken", () => {
  test.each<[string, object, Partial<TokenExpectation>]>([
    ["a v2.0 token", v2, {}],
    ["a v1.0 token", v1, {}],
    ["a v1.0 token for the client id", { ...v1, aud: api }, {}],
    ["a v1.0 token for the URI with a slash", { ...v1, aud: `api://${api}/` }, {}],
    ["a token of which nothing is known", v2, { tenantId: undefined, scope: undefined }],
    [
      "a v2.0 token for a URI that does not tell the client id",
      v2,
      { scope: "https://mcp.contoso.com/mcp/execute" },
    ],
    ["a token for .default", { ...v2, scp: "read" }, { scope: `api://${api}/.default` }],
    [
      "a guest where guests may come",
      { ...v2, acct: 1 },
      { policy: { allowGuests: true, allowApplications: false } },
    ],
    [
      "an application where applications may come",
      { ...v2, scp: undefined, idtyp: "app", roles: ["Run"] },
      { policy: { allowGuests: false, allowApplications: true } },
    ],
    ["a token of a dev tenant", { ...v2, iss: `http://127.0.0.1:9/${tenant}/v2.0` }, {}],
    [
      "a token of the national cloud that was configured",
      { ...v2, iss: `https://login.microsoftonline.us/${tenant}/v2.0` },
      { cloud: "usgov" },
    ],
  ])("takes %s", (_, claims, changes) => {
    expect(judge(claims, changes)).toBeUndefined();
  });

  test.each<[string, object, Partial<TokenExpectation>, string]>([
    ["a v2.0 token for another API", { ...v2, aud: tenant }, {}, "wrong_audience"],
    ["a v1.0 token for another URI", { ...v1, aud: "api://other" }, {}, "wrong_audience"],
    [
      "a v1.0 token for another URI, by a URI without GUID",
      { ...v1, aud: "api://other" },
      { scope: "https://mcp.contoso.com/mcp/execute" },
      "wrong_audience",
    ],
    ["a v1.0 token with a v2.0 issuer", { ...v1, iss: v2.iss }, {}, "wrong_issuer"],
    ["a token of another cloud", v2, { cloud: "usgov" }, "wrong_issuer"],
    ["a token of another tenant", v2, { tenantId: api }, "wrong_tenant"],
    ["one of several scopes", v2, { scope: `api://${api}/execute api://${api}/read` }, "insufficient_scope"],
    ["a scope that only contains the right one", { ...v2, scp: "execute.all" }, {}, "insufficient_scope"],
    ["a guest", { ...v2, acct: 1 }, {}, "guest_not_allowed"],
    ["an expired token", { ...v2, exp: now - 61 }, {}, "token_expired"],
    ["a token of the future", { ...v2, nbf: now + 61 }, {}, "token_not_yet_valid"],
  ])("refuses %s, with a remedy", (_, claims, changes, code) => {
    expect(judge(claims, changes)).toBe(code);
    expect(judgeToken({ ...claims }, { ...expected, ...changes }, now)?.hint).toBeString();
  });
});
