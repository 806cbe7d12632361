import { describe, expect, test } from "bun:test";
import { toEntraCaller } from "../../lib/auth/server/entra-caller.ts";
import { entraClouds } from "../../lib/auth/server/entra-cloud.ts";

const tid = "11111111-2222-3333-4444-555555555555";
const otherTenant = "22222222-2222-3333-4444-555555555555";
const oid = "00000000-0000-0000-0000-00000000a11c";
const azp = "99999999-8888-7777-6666-555555555555";
const { loginUrl, stsUrl } = entraClouds.public;

const person = {
  ver: "2.0",
  tid,
  oid,
  sub: "pairwise",
  azp,
  iss: `${loginUrl}/${tid}/v2.0`,
  scp: "execute",
  exp: 1000,
};
/** What Entra writes for client credentials: no `scp`, and `sub` is the service principal's `oid`. */
const application = { ...person, scp: undefined, sub: oid };

const callerOf = (claims: Record<string, unknown>) =>
  toEntraCaller(JSON.parse(JSON.stringify(claims)), entraClouds.public);

describe("a caller is an application", () => {
  test.each([
    ["not with a scope", person, false],
    ["not with a scope, though sub is oid", { ...person, sub: oid }, false],
    ["not with an empty scope, though sub is oid", { ...application, scp: "" }, false],
    ["without scope where sub is oid", application, true],
    ["without scope and without oid", { ...person, scp: undefined, oid: undefined }, true],
    ["but not without scope alone", { ...person, scp: undefined }, false],
    ["but not by its roles", { ...person, scp: undefined, roles: ["Tools.Run"] }, false],
    ["by idtyp", { ...person, idtyp: "app" }, true],
    ["by idtyp, though sub is no oid", { ...person, scp: undefined, idtyp: "app" }, true],
    ["not where idtyp says user", { ...application, idtyp: "user" }, false],
  ])("%s", (_, claims, isApplication) => {
    expect(callerOf(claims).isApplication).toBe(isApplication);
    expect(callerOf(claims).principal.isApplication).toBe(isApplication);
  });
});

describe("a caller is a guest", () => {
  test.each([
    ["not without any sign of it", {}, false],
    ["by acct", { acct: 1 }, true],
    ["by acct that is none of ours", { acct: "0" }, true],
    ["by acct that is null", { acct: null }, true],
    ["not where acct says member", { acct: 0 }, false],
    ["not where acct says member, whatever idp says", { acct: 0, idp: "live.com" }, false],
    ["by acct, though idp is the tenant", { acct: 1, idp: `${stsUrl}/${tid}/` }, true],
    ["by another tenant's idp", { idp: `${stsUrl}/${otherTenant}/` }, true],
    ["by a personal account's idp", { idp: "live.com" }, true],
    ["by an idp that is no text", { idp: 7 }, true],
    ["not by the tenant's own v1.0 idp", { idp: `${stsUrl}/${tid}/` }, false],
    ["not by the tenant's own v2.0 idp", { idp: `${loginUrl}/${tid}/v2.0` }, false],
    [
      "not by the own idp where tid is in upper case",
      { tid: tid.toUpperCase(), idp: `${stsUrl}/${tid}/` },
      false,
    ],
  ])("%s", (_, changes, isGuest) => {
    expect(callerOf({ ...person, ...changes }).isGuest).toBe(isGuest);
  });
});

describe("a caller's key", () => {
  test.each([
    ["of a person", person, `${tid}:${oid}:${azp}`],
    [
      "in lower case",
      { ...person, tid: tid.toUpperCase(), oid: oid.toUpperCase(), azp: azp.toUpperCase() },
      `${tid}:${oid}:${azp}`,
    ],
    ["of a person without oid", { ...person, oid: undefined }, `${tid}:sub=pairwise:${azp}`],
    ["of an application", application, `${tid}:${oid}:${azp}`],
    ["of an application without oid", { ...application, oid: undefined }, `${tid}:app:${azp}`],
    ["by appid in a v1.0 token", { ...person, ver: "1.0", azp: "x", appid: azp }, `${tid}:${oid}:${azp}`],
  ])("%s", (_, claims, key) => {
    expect(callerOf(claims).principal.key).toBe(key);
  });

  test.each([
    ["a colon in sub", { oid: undefined, sub: "a:b", azp: "c" }, { oid: undefined, sub: "a", azp: "b:c" }],
    ["a colon in oid", { oid: "a:b", azp: "c" }, { oid: "a", azp: "b:c" }],
    ["an oid that looks like a sub", { oid: "sub=a" }, { oid: undefined, sub: "a" }],
    [
      "an escape that is written out",
      { oid: undefined, sub: "a:", azp: "c" },
      { oid: undefined, sub: "a%3A", azp: "c" },
    ],
    ["another case of sub", { oid: undefined, sub: "a" }, { oid: undefined, sub: "A" }],
  ])("is not another's through %s", (_, one, other) => {
    const [mine, theirs] = [one, other].map((changes) => callerOf({ ...person, ...changes }).principal.key);
    expect(mine).toBeString();
    expect(mine).not.toBe(theirs);
  });

  test.each(["tid", "sub", "azp", "iss"])("cannot be made without %s", (name) => {
    expect(() => callerOf({ ...person, [name]: undefined })).toThrow(
      expect.objectContaining({ code: "missing_claim" }),
    );
  });
});

test("a caller without scopes, roles, name and uti has none", () => {
  expect(callerOf(application).principal).toEqual({
    key: `${tid}:${oid}:${azp}`,
    issuer: person.iss,
    tenantId: tid,
    objectId: oid,
    subject: oid,
    clientApp: azp,
    scopes: [],
    roles: [],
    displayName: undefined,
    username: undefined,
    isApplication: true,
    tokenId: undefined,
    expiresAtSeconds: 1000,
  });
});

test.each([
  ["preferred_username", { preferred_username: "a@b.c", upn: "d@e.f" }, "a@b.c"],
  ["upn, in a v1.0 token", { upn: "d@e.f" }, "d@e.f"],
  ["nothing that is a text", { preferred_username: 7 }, undefined],
])("a caller's username is %s", (_, claims, username) => {
  expect(callerOf({ ...person, ...claims }).principal.username).toBe(username);
});
