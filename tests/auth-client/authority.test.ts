import { describe, expect, test } from "bun:test";
import { authorityOfCloud, isLoopbackAuthority, parseAuthority } from "../../lib/auth/client/authority.ts";
import { readClaimsChallenge } from "../../lib/auth/client/claims-challenge.ts";
import { tenantId } from "./fake-entra.ts";
import { catchAppError } from "./fixtures.ts";

describe("parseAuthority", () => {
  test.each([
    [`https://login.microsoftonline.com/${tenantId}/v2.0`, authorityOfCloud("public", tenantId)],
    [`https://login.microsoftonline.com/${tenantId}/v2.0/`, authorityOfCloud("public", tenantId)],
    [`https://login.microsoftonline.com/contoso.com/v2.0`, authorityOfCloud("public", "contoso.com")],
    [`https://login.microsoftonline.us/${tenantId}/v2.0`, authorityOfCloud("usgov", tenantId)],
    [`https://login.partner.microsoftonline.cn/${tenantId}/v2.0`, authorityOfCloud("china", tenantId)],
    [`http://localhost:8001/${tenantId}/v2.0`, { loginUrl: "http://localhost:8001", tenant: tenantId }],
    [`http://127.0.0.1:8001/${tenantId}/v2.0`, { loginUrl: "http://127.0.0.1:8001", tenant: tenantId }],
  ])("reads %s", (issuer, expected) => {
    expect(parseAuthority(issuer)).toEqual(expected);
  });

  test.each([
    "",
    "login.microsoftonline.com",
    "https://login.microsoftonline.com",
    `https://login.microsoftonline.com/${tenantId}`,
    `https://sts.windows.net/${tenantId}/`,
    "https://login.microsoftonline.com/common/v2.0",
    "https://login.microsoftonline.com/organizations/v2.0",
    `https://login.microsoftonline.com/${tenantId}/x/v2.0`,
    `https://login.microsoftonline.com/${tenantId}/v2.0?x=1`,
    `https://login.microsoftonline.com/${tenantId}/v2.0#x`,
    `https://login.microsoftonline.com:8443/${tenantId}/v2.0`,
    `https://evil@login.microsoftonline.com/${tenantId}/v2.0`,
    `http://login.microsoftonline.com/${tenantId}/v2.0`,
    `https://login.microsoftonline.com.evil.example/${tenantId}/v2.0`,
    `https://evil.example/login.microsoftonline.com/v2.0`,
    `http://localhost.evil.example/${tenantId}/v2.0`,
    `https://localhost:8001/${tenantId}/v2.0`,
    `ws://localhost:8001/${tenantId}/v2.0`,
  ])("takes nothing from %p", (issuer) => {
    expect(parseAuthority(issuer)).toBeUndefined();
  });

  test("tells a dev tenant from Microsoft's clouds", () => {
    expect(isLoopbackAuthority(authorityOfCloud("public", tenantId))).toBeFalse();
    expect(isLoopbackAuthority({ loginUrl: "http://[::1]:8001", tenant: tenantId })).toBeTrue();
  });
});

describe("readClaimsChallenge", () => {
  const json = '{"access_token":{"acrs":{"value":"c1"}}}';

  test.each([
    ["JSON", json],
    ["base64", Buffer.from(json).toString("base64")],
    ["base64url", Buffer.from(json).toString("base64url")],
  ])("reads %s", (_title, claims) => {
    expect(readClaimsChallenge(claims)).toBe(json);
  });

  test.each(["", "%%%", "[]", "{", `{"x":"${"x".repeat(9000)}"}`])("refuses %p", async (claims) => {
    expect((await catchAppError(() => readClaimsChallenge(claims))).code).toBe("protocol_error");
  });
});
