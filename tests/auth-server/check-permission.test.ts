import { describe, expect, test } from "bun:test";
import type { Caller } from "../../lib/auth/server/caller.ts";
import { type AccessPolicy, checkPermission } from "../../lib/auth/server/check-permission.ts";
import { AppError } from "../../lib/base/errors.ts";
import type { Principal } from "../../lib/base/principal.ts";

const principal: Principal = {
  key: "t:o:c",
  issuer: "i",
  subject: "s",
  clientApp: "c",
  scopes: ["execute", "read"],
  roles: ["Tools.Run"],
  expiresAtSeconds: 0,
};
const open: AccessPolicy = {
  requiredScopes: ["execute"],
  appRoles: [],
  allowedClients: [],
  allowGuests: false,
};

function outcomeOf(caller: Partial<Caller>, policy: Partial<AccessPolicy> = {}): string {
  try {
    checkPermission({ principal, isApplication: false, isGuest: false, ...caller }, { ...open, ...policy });
    return "let in";
  } catch (error) {
    if (!(error instanceof AppError)) return "unexpected";
    expect(error.detail).toBe("caller t:o:c");
    return `${error.code}: ${error.message}`;
  }
}

const unscoped = { principal: { ...principal, scopes: [] } };

describe("a person is let in", () => {
  test.each<[string, Partial<Caller>, Partial<AccessPolicy>, string]>([
    ["with the scope", {}, {}, "let in"],
    ["with all scopes", {}, { requiredScopes: ["execute", "read"] }, "let in"],
    ["where none is required", unscoped, { requiredScopes: [] }, "let in"],
    [
      "but not without one of them",
      {},
      { requiredScopes: ["read", "write"] },
      `insufficient_scope: The token lacks the scope write; it has "execute read".`,
    ],
    [
      "but not without any",
      unscoped,
      { requiredScopes: ["write", "delete"] },
      "insufficient_scope: The token lacks the scope write delete; it has none.",
    ],
    ["but not by a role", unscoped, { appRoles: ["Tools.Run"] }, "insufficient_scope"],
    ["but not as a guest", { isGuest: true }, {}, "guest_not_allowed"],
    ["as a guest where guests are", { isGuest: true }, { allowGuests: true }, "let in"],
    ["by an allowed client", {}, { allowedClients: ["b", "c"] }, "let in"],
    ["but not by another client", {}, { allowedClients: ["b"] }, "client_not_allowed"],
  ])("%s", (_, caller, policy, outcome) => {
    expect(outcomeOf(caller, policy)).toStartWith(outcome);
  });
});

describe("an application is let in", () => {
  const application = { ...unscoped, isApplication: true };
  const scoped = { isApplication: true };

  test.each<[string, Partial<Caller>, Partial<AccessPolicy>, string]>([
    ["not at all by default", application, {}, "app_only_token"],
    ["not by its scopes", scoped, {}, "app_only_token"],
    ["not where no scope is required", application, { requiredScopes: [] }, "app_only_token"],
    ["by one of the roles", application, { appRoles: ["Other", "Tools.Run"] }, "let in"],
    ["but not by another role", application, { appRoles: ["tools.run"] }, "missing_role"],
    [
      "but not by another client",
      application,
      { appRoles: ["Tools.Run"], allowedClients: ["b"] },
      "client_not_allowed",
    ],
  ])("%s", (_, caller, policy, outcome) => {
    expect(outcomeOf(caller, policy)).toStartWith(outcome);
  });
});

test.each<[string, Partial<Caller>, Partial<AccessPolicy>]>([
  ["--app-roles", { isApplication: true }, {}],
  ["assign it", { isApplication: true }, { appRoles: ["Other"] }],
  ["--allow-guests", { isGuest: true }, {}],
  ["--allowed-clients", {}, { allowedClients: ["b"] }],
])("a refusal says what would help: %s", (help, caller, policy) => {
  expect(outcomeOf(caller, policy)).toContain(help);
});
