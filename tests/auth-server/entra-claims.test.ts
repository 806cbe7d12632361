import { describe, expect, test } from "bun:test";
import { checkEntraClaims } from "../../lib/auth/server/entra-claims.ts";
import { entraClouds } from "../../lib/auth/server/entra-cloud.ts";
import { AppError } from "../../lib/base/errors.ts";

const tenantId = "11111111-2222-3333-4444-555555555555";
const apiClientId = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
const appIdUri = `api://${apiClientId}`;
const now = 1_000_000;

const expected = {
  cloud: entraClouds.public,
  tenantIds: [tenantId],
  apiClientId,
  appIdUris: [appIdUri],
  scopes: [`${appIdUri}/execute`],
  skewSeconds: 60,
};

const common = { tid: tenantId, sub: "s", scp: "execute", iat: now, nbf: now, exp: now + 3600 };
const v2 = {
  ...common,
  ver: "2.0",
  iss: `https://login.microsoftonline.com/${tenantId}/v2.0`,
  aud: apiClientId,
  azp: "c",
};
const v1 = { ...common, ver: "1.0", iss: `https://sts.windows.net/${tenantId}/`, aud: appIdUri, appid: "c" };

function codeOf(claims: Record<string, unknown>, changes: Partial<typeof expected> = {}): string {
  try {
    checkEntraClaims(claims, { ...expected, ...changes }, now);
    return "fine";
  } catch (error) {
    return error instanceof AppError ? error.code : "unexpected";
  }
}

describe("the claims of an Entra token", () => {
  test.each([
    ["v2.0", v2, "fine"],
    ["v1.0", v1, "fine"],
    ["expired to the second of the skew", { ...v2, exp: now - 60 }, "token_expired"],
    ["expired one second less", { ...v2, exp: now - 59 }, "fine"],
    ["valid from the last second of the skew", { ...v2, nbf: now + 60, iat: now + 60 }, "fine"],
    ["valid from one second later", { ...v2, nbf: now + 61 }, "token_not_yet_valid"],
    ["issued one second later", { ...v2, iat: now + 61 }, "token_not_yet_valid"],
    ["expiring at an endless time", { ...v2, exp: Number.POSITIVE_INFINITY }, "invalid_claim"],
    ["expiring at no number", { ...v2, exp: Number.NaN }, "invalid_claim"],
    ["with an empty subject", { ...v2, sub: "" }, "invalid_claim"],
    ["with an empty client", { ...v2, azp: "" }, "invalid_claim"],
    ["v1.0 without a client", { ...v1, appid: undefined }, "missing_claim"],
    ["v1.0 with the v2.0 name of the client", { ...v1, appid: undefined, azp: "c" }, "missing_claim"],
    ["v2.0 with the v1.0 name of the client", { ...v2, azp: undefined, appid: "c" }, "missing_claim"],
    ["for Graph by its id", { ...v2, aud: "00000003-0000-0000-c000-000000000000" }, "graph_token"],
    ["for Graph by its address", { ...v1, aud: "https://graph.microsoft.com" }, "graph_token"],
    ["for Graph, otherwise spelled", { ...v1, aud: "https://GRAPH.microsoft.com/" }, "graph_token"],
    ["for Graph, before anything else is said", { aud: "https://graph.microsoft.com" }, "graph_token"],
    ["v2.0 without scp", { ...v2, scp: undefined }, "fine"],
    ["v1.0 without scp", { ...v1, scp: undefined }, "fine"],
    ["an id token of v2.0", { ...v2, scp: undefined, azp: undefined }, "id_token"],
    ["an id token of v1.0", { ...v1, scp: undefined, appid: undefined }, "id_token"],
    ["an id token with nonce and client", { ...v2, scp: undefined, nonce: "n" }, "id_token"],
    ["an id token of v1.0 with nonce", { ...v1, scp: undefined, nonce: "n" }, "id_token"],
    [
      "an id token of somebody with app roles",
      { ...v2, scp: undefined, azp: undefined, roles: ["r"] },
      "id_token",
    ],
    [
      "an id token with app roles, nonce and client",
      { ...v2, scp: undefined, nonce: "n", roles: ["r"] },
      "id_token",
    ],
    ["of an application with roles", { ...v2, scp: undefined, roles: ["r"] }, "fine"],
    ["of an application", { ...v2, scp: undefined, nonce: "n", idtyp: "app" }, "fine"],
    ["an access token with a nonce", { ...v2, nonce: "n" }, "fine"],
    ["with the issuer in upper case", { ...v2, iss: v2.iss.toUpperCase() }, "wrong_issuer"],
    ["with a slash at the issuer of v2.0", { ...v2, iss: `${v2.iss}/` }, "wrong_issuer"],
    ["without the slash of the issuer of v1.0", { ...v1, iss: v1.iss.slice(0, -1) }, "wrong_issuer"],
    ["from another cloud", { ...v2, iss: v2.iss.replace(".com", ".us") }, "wrong_issuer"],
    ["without an audience", { ...v2, aud: undefined }, "missing_claim"],
    ["v1.0 for the URI and more", { ...v1, aud: `${appIdUri}/more` }, "wrong_audience"],
    ["v1.0 for the URI in upper case", { ...v1, aud: appIdUri.toUpperCase() }, "wrong_audience"],
  ])("%s: %#", (_, claims, code) => {
    expect(codeOf(claims)).toBe(code);
  });

  test("name a tenant by its GUID alone", () => {
    const tid = "common";
    expect(codeOf({ ...v2, tid, iss: v2.iss.replace(tenantId, tid) }, { tenantIds: [tid] })).toBe(
      "wrong_tenant",
    );
  });

  test.each([
    ["usgov", "https://login.microsoftonline.us", "https://sts.windows.net"],
    ["china", "https://login.partner.microsoftonline.cn", "https://sts.chinacloudapi.cn"],
  ] as const)("of the %s cloud have its issuers", (name, login, sts) => {
    const cloud = entraClouds[name] as unknown as typeof entraClouds.public;
    expect(codeOf({ ...v2, iss: `${login}/${tenantId}/v2.0` }, { cloud })).toBe("fine");
    expect(codeOf({ ...v1, iss: `${sts}/${tenantId}/` }, { cloud })).toBe("fine");
    expect(codeOf(v2, { cloud })).toBe("wrong_issuer");
  });
});
