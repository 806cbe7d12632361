import { describe, expect, test } from "bun:test";
import { checkIssuerClaims, toIssuerCaller } from "../../lib/auth/server/issuer-claims.ts";
import { AppError } from "../../lib/base/errors.ts";

const now = 1_000_000;
const issuer = "https://id.example.com/realms/a";
const expected = { issuer, audiences: ["https://mcp.example.com/mcp", "mcp"], skewSeconds: 60 };
const good = {
  iss: issuer,
  sub: "alice",
  aud: "mcp",
  client_id: "app",
  scope: "execute read",
  jti: "id-1",
  exp: now + 600,
};

function outcomeOf(changes: Record<string, unknown>): string {
  try {
    checkIssuerClaims(JSON.parse(JSON.stringify({ ...good, ...changes })), expected, now);
    return "fine";
  } catch (error) {
    return error instanceof AppError ? `${error.code}: ${error.message}` : "unexpected";
  }
}

describe("the claims of another issuer's token", () => {
  test.each<[string, Record<string, unknown>, string]>([
    ["as they should be", {}, "fine"],
    ["from another issuer", { iss: "https://id.example.com/realms/b" }, "wrong_issuer: "],
    ["from the issuer with a slash", { iss: `${issuer}/` }, "wrong_issuer: "],
    ["from the issuer in upper case", { iss: issuer.toUpperCase() }, "wrong_issuer: "],
    ["from nobody", { iss: undefined }, "missing_claim: "],
    ["from a list of issuers", { iss: [issuer] }, "invalid_claim: "],
    ["from Entra's v1.0 issuer", { iss: "https://sts.windows.net/t/" }, "v1_token: "],
    ["from its v1.0 issuer in China", { iss: "https://sts.chinacloudapi.cn/t/" }, "v1_token: "],
    ["from a host that begins alike", { iss: "https://sts.windows.net.evil/t/" }, "wrong_issuer: "],
    ["for the other audience", { aud: "https://mcp.example.com/mcp" }, "fine"],
    ["for several, one of them ours", { aud: ["account", "mcp"] }, "fine"],
    ["for several, none of them ours", { aud: ["account", "mcp2"] }, 'wrong_audience: The token is for "ac'],
    ["for another API", { aud: "mcp2" }, "wrong_audience: "],
    ["for a text that contains us", { aud: "mcp account" }, "wrong_audience: "],
    ["for us in upper case", { aud: "MCP" }, "wrong_audience: "],
    ["for us with a slash", { aud: "https://mcp.example.com/mcp/" }, "wrong_audience: "],
    ["for nobody", { aud: undefined }, "missing_claim: "],
    ["for no one in a list", { aud: [] }, "invalid_claim: "],
    ["for us and for no text", { aud: ["mcp", 1] }, "invalid_claim: "],
    ["for us in a list of lists", { aud: [["mcp"]] }, "invalid_claim: "],
    ["for an object", { aud: { mcp: true } }, "invalid_claim: "],
    ["of an application by client_id", { sub: undefined }, "fine"],
    ["of an application by azp", { sub: undefined, client_id: undefined, azp: "app" }, "fine"],
    ["of an application by cid", { sub: undefined, client_id: undefined, cid: "app" }, "fine"],
    ["of a person without a client", { client_id: undefined }, "fine"],
    ["of nobody", { sub: undefined, client_id: undefined }, "missing_claim: "],
    ["of a client that is no text, alone", { sub: undefined, client_id: 7 }, "missing_claim: "],
    ["of a subject that is no text", { sub: 5 }, "invalid_claim: "],
    ["of an empty subject", { sub: "" }, "invalid_claim: "],
    ["without scopes", { scope: undefined }, "fine"],
    ["with scp as a text", { scope: undefined, scp: "execute" }, "fine"],
    ["with scp as a list", { scope: undefined, scp: ["execute"] }, "fine"],
    ["with scp as a number", { scope: undefined, scp: 1 }, "invalid_claim: "],
    ["with scope as an object", { scope: { execute: true } }, "invalid_claim: "],
    ["with at_hash", { at_hash: "x" }, "id_token: "],
    ["with c_hash", { c_hash: "x" }, "id_token: "],
    ["with a nonce and no scope", { nonce: "n", scope: undefined }, "id_token: "],
    ["with a nonce and scope", { nonce: "n" }, "fine"],
    ["with a nonce and scp", { nonce: "n", scope: undefined, scp: [] }, "fine"],
    ["of Keycloak's type ID", { typ: "ID" }, "id_token: "],
    ["of Keycloak's type Bearer", { typ: "Bearer" }, "fine"],
    ["without exp", { exp: undefined }, "missing_claim: "],
    ["with a text as exp", { exp: `${now + 600}` }, "invalid_claim: "],
    ["expired to the second of the skew", { exp: now - 60 }, "token_expired: "],
    ["expired one second less", { exp: now - 59 }, "fine"],
    ["valid from the last second of the skew", { nbf: now + 60, iat: now + 60 }, "fine"],
    ["valid from one second later", { nbf: now + 61 }, "token_not_yet_valid: "],
    ["issued one second later", { iat: now + 61 }, "token_not_yet_valid: "],
    ["with a text as nbf", { nbf: "soon" }, "invalid_claim: "],
    ["with null as iat", { iat: null }, "invalid_claim: "],
  ])("%s", (_, changes, outcome) => {
    expect(outcomeOf(changes)).toStartWith(outcome);
  });

  test("say what they are for and what was wanted, cut and made safe", () => {
    expect(outcomeOf({ aud: ["a\u001B[31m", "b".repeat(200)] })).toBe(
      `wrong_audience: The token is for "a ${"b".repeat(78)}…", not for this API (https://mcp.example.com/mcp, mcp).`,
    );
    expect(outcomeOf({ iss: "https://sts.windows.net/t/" })).toEndWith(
      "It is a v1.0 token of Entra: set requestedAccessTokenVersion to 2 in the API's registration.",
    );
  });

  test("are told by the first rule that fails: who issued it before anything else", () => {
    expect(outcomeOf({ iss: "x", at_hash: "x", aud: "x", exp: 0 })).toStartWith("wrong_issuer");
    expect(outcomeOf({ at_hash: "x", aud: "x", exp: 0 })).toStartWith("id_token");
    expect(outcomeOf({ aud: "x", sub: 5, exp: 0 })).toStartWith("wrong_audience");
    expect(outcomeOf({ sub: 5, exp: 0 })).toStartWith("invalid_claim");
  });
});

describe("the caller of another issuer's token", () => {
  const callerOf = (changes: Record<string, unknown>) =>
    toIssuerCaller(JSON.parse(JSON.stringify({ ...good, ...changes })));

  test("is neither application nor guest, and has what the token says", () => {
    expect(callerOf({ name: "Alice", roles: ["admin", 7] })).toEqual({
      isApplication: false,
      isGuest: false,
      principal: {
        key: JSON.stringify([issuer, "alice", "app"]),
        issuer,
        subject: "alice",
        clientApp: "app",
        scopes: ["execute", "read"],
        roles: ["admin"],
        displayName: "Alice",
        tokenId: "id-1",
        expiresAtSeconds: now + 600,
      },
    });
  });

  test.each<[string, Record<string, unknown>, readonly string[]]>([
    ["scope", {}, ["execute", "read"]],
    ["scope and not scp, where it has both", { scp: "admin" }, ["execute", "read"]],
    ["an empty scope and not scp", { scope: "", scp: "admin" }, []],
    ["scp as a text", { scope: undefined, scp: "a b" }, ["a", "b"]],
    ["scp as a list", { scope: undefined, scp: ["a b", "c", 7] }, ["a b", "c"]],
    ["scope as a list", { scope: ["a", "b"], scp: "admin" }, ["a", "b"]],
    ["neither", { scope: undefined }, []],
  ])("has the scopes of %s", (_, changes, scopes) => {
    expect(callerOf(changes).principal.scopes).toEqual(scopes);
  });

  test.each<[string, Record<string, unknown>, readonly unknown[]]>([
    ["without a client", { client_id: undefined }, [issuer, "alice", ""]],
    ["without a subject", { sub: undefined }, [issuer, null, "app"]],
    ["by client_id before azp and cid", { azp: "b", cid: "c" }, [issuer, "alice", "app"]],
    ["by azp before cid", { client_id: undefined, azp: "b", cid: "c" }, [issuer, "alice", "b"]],
  ])("has a key %s", (_, changes, key) => {
    expect(callerOf(changes).principal.key).toBe(JSON.stringify(key));
  });

  test("never has the key of an application whose name is a person's", () => {
    expect(callerOf({ sub: undefined, client_id: "alice" }).principal.key).not.toBe(
      callerOf({ sub: "alice", client_id: undefined }).principal.key,
    );
  });
});
