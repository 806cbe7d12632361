import { describe, expect, test } from "bun:test";
import { authorityOfCloud } from "../../lib/auth/client/authority.ts";
import { coversScope, findCachedAccessToken } from "../../lib/auth/client/cached-access-token.ts";
import { parseMsalCache } from "../../lib/auth/client/msal-cache.ts";
import { findSignedInAccount } from "../../lib/auth/client/signed-in-account.ts";
import { clientId, scope, tenantId } from "./fake-entra.ts";

const query = { authority: authorityOfCloud("public", tenantId), clientId, scope };
const filter = { nowSeconds: 1000, marginSeconds: 300, isRejected: () => false, accountId: "ada.t" };

const good = {
  home_account_id: "ada.t",
  environment: "login.windows.net",
  client_id: clientId,
  secret: "fake-access-token",
  realm: tenantId,
  target: `${scope} openid profile`,
  cached_at: "900",
  expires_on: "1301",
  token_type: "Bearer",
};

function makeCache(...tokens: readonly Record<string, unknown>[]) {
  const sections = { AccessToken: Object.fromEntries(tokens.map((token, index) => [`${index}`, token])) };
  const cache = parseMsalCache(JSON.stringify(sections));
  if (!cache) throw new Error("not a cache");
  return cache;
}

describe("findCachedAccessToken", () => {
  test("finds a good token", () => {
    const found = findCachedAccessToken(makeCache(good), query, filter);
    expect(found).toEqual({ value: "fake-access-token", expiresAtSeconds: 1301 });
  });

  test.each<[string, Record<string, unknown>]>([
    ["another client's", { client_id: "c" }],
    ["another login host's", { environment: "login.microsoftonline.us" }],
    ["a dev tenant's", { environment: "localhost:8000" }],
    ["another tenant's", { realm: "22222222-2222-4333-8444-555555555555" }],
    ["another scope's", { target: "api://other/execute" }],
    ["a longer scope's", { target: `${scope}.all` }],
    ["too near its end", { expires_on: "1300" }],
    ["without an end", { expires_on: undefined }],
    ["with an end that is no number", { expires_on: "soon" }],
    ["bound to a key", { token_type: "pop" }],
    ["one that breaks a header", { secret: "a\r\nb" }],
    ["empty", { secret: "" }],
    ["no text", { secret: 7 }],
  ])("does not take a token that is %s", (_title, change) => {
    expect(findCachedAccessToken(makeCache({ ...good, ...change }), query, filter)).toBeUndefined();
  });

  test("never takes a rejected one", () => {
    const isRejected = (value: string) => value === good.secret;
    expect(findCachedAccessToken(makeCache(good), query, { ...filter, isRejected })).toBeUndefined();
  });

  test("takes no other account's token, even when that one's has ended", () => {
    const grace = { ...good, home_account_id: "grace.t", secret: "grace", cached_at: "950" };
    const ofGrace = { ...filter, accountId: "grace.t" };
    expect(findCachedAccessToken(makeCache(good, grace), query, ofGrace)?.value).toBe("grace");
    const ended = { ...grace, expires_on: "999" };
    expect(findCachedAccessToken(makeCache(good, ended), query, ofGrace)).toBeUndefined();
  });

  test("compares ids, hosts and scopes without case", () => {
    const shout = { ...query, clientId: clientId.toUpperCase(), scope: scope.toUpperCase() };
    expect(findCachedAccessToken(makeCache(good), shout, filter)).toBeDefined();
  });
});

describe("coversScope", () => {
  test.each([
    ["api://a/x api://a/y", "api://a/x", true],
    ["api://a/x api://a/y", "api://a/y api://a/x", true],
    ["api://a/x", "api://a/x api://a/y", false],
    ["API://A/X", "api://a/x", true],
    ["api://a/x", "api://a/.default", true],
    ["api://ab/x", "api://a/.default", false],
    ["openid profile", "api://a/.default", false],
    [undefined, "api://a/x", false],
  ])("%p covers %p: %p", (target, wanted, expected) => {
    expect(coversScope(target, wanted)).toBe(expected);
  });
});

describe("findSignedInAccount", () => {
  test("is nothing for another tenant and shows an ended token as it is", () => {
    const account = { home_account_id: "ada.t", username: "ada@contoso.com" };
    const text = JSON.stringify({
      Account: { a: account },
      AccessToken: { t: { ...good, expires_on: "5" } },
    });
    const cache = parseMsalCache(text);
    if (!cache) throw new Error("not a cache");
    expect(findSignedInAccount(cache, query)).toEqual({
      name: undefined,
      username: "ada@contoso.com",
      tenantId,
      scopes: [scope],
      expiresAtSeconds: 5,
      canRenew: false,
    });
    const other = { ...query, authority: authorityOfCloud("china", tenantId) };
    expect(findSignedInAccount(cache, other)).toBeUndefined();
  });
});
