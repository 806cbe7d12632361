import { afterAll, describe, expect, test } from "bun:test";
import {
  audience,
  expectOutcome,
  type IssuerChanges,
  type IssuerRow,
  mint,
  openIssuer,
  startIssuerStack,
  testRows,
} from "./issuer-table.ts";
import { expectAdmitted } from "./expect-answer.ts";

const issuer = openIssuer();
afterAll(() => issuer[Symbol.asyncDispose]());

const now = Math.floor(issuer.clock.nowMs() / 1000);
const claim = (claims: Record<string, unknown>) => ({ claims });

describe("the header", () => {
  testRows(issuer, [
    ["2a.1 a good token", {}, 200, "ada"],
    ["2b.5 typ JWT", { header: { typ: "JWT" } }, 200, "ada"],
    ["2b.5 no typ", { header: { typ: null } }, 200, "ada"],
    ["2b.5 typ dpop+jwt", { header: { typ: "dpop+jwt" } }, 401, "unsupported_header"],
    ["2b.2 jku", { header: { jku: "https://evil.example/keys" } }, 401, "unsupported_header"],
    ["2b.2 jwk", { header: { jwk: issuer.key.jwk } }, 401, "unsupported_header"],
    ["2b.3 crit", { header: { crit: ["exp2"], exp2: 1 } }, 401, "unsupported_header"],
    ["2b.4 no kid, and one key", { header: { kid: null } }, 200, "ada"],
    ["2b.4 another kid", { header: { kid: "other" } }, 401, "unknown_key"],
    ["2b.4 a kid that is a number", { header: { kid: 1 } }, 401, "unknown_key"],
    ["2a.8 no JWT", () => "abc", 401, "malformed_token"],
    ["2b.5 five parts", (own) => `${mint(own)}.AAAA.AAAA`, 401, "malformed_token"],
  ]);
});

describe("the issuer", () => {
  testRows(issuer, [
    [
      "2a.3 another",
      claim({ iss: "https://evil.example" }),
      401,
      "wrong_issuer",
      ["evil.example", issuer.issuer],
    ],
    ["2a.3 with a slash at its end", claim({ iss: `${issuer.issuer}/` }), 401, "wrong_issuer"],
    ["2a.3 one that ours begins with", claim({ iss: "https://login.example.com" }), 401, "wrong_issuer"],
    ["2a.3 in upper case", claim({ iss: issuer.issuer.toUpperCase() }), 401, "wrong_issuer"],
    ["2a.3 none", claim({ iss: null }), 401, "missing_claim", ['"iss"']],
    ["2a.6 a list that contains it", claim({ iss: [issuer.issuer] }), 401, "invalid_claim"],
    [
      "C Entra's v1.0",
      claim({ iss: "https://sts.windows.net/t/" }),
      401,
      "v1_token",
      ["requestedAccessTokenVersion"],
    ],
    ["C Entra's v1.0 of China", claim({ iss: "https://sts.chinacloudapi.cn/t/" }), 401, "v1_token"],
    [
      "C a host that begins like Entra's",
      claim({ iss: "https://sts.windows.net.evil/t/" }),
      401,
      "wrong_issuer",
    ],
  ]);

  test.each([
    ["B2C", "https://contoso.b2clogin.com/11111111-2222-3333-4444-555555555555/v2.0/"],
    [
      "External ID",
      "https://11111111-2222-3333-4444-555555555555.ciamlogin.com/11111111-2222-3333-4444-555555555555/v2.0",
    ],
  ])("2b.22, 2a.24 %s comes in where it is configured, to the letter", async (_, configured) => {
    await using stack = startIssuerStack(issuer, { issuer: configured });
    await expectOutcome(stack, mint(issuer, claim({ iss: configured })), [200, "ada"]);
    const other = configured.endsWith("/") ? configured.slice(0, -1) : `${configured}/`;
    await expectOutcome(stack, mint(issuer, claim({ iss: other })), [401, "wrong_issuer"]);
    await expectOutcome(stack, mint(issuer), [401, "wrong_issuer"]);
  });
});

describe("the audience", () => {
  testRows(issuer, [
    ["2a.4 a text", claim({ aud: audience }), 200, "ada"],
    ["2a.5 a list with ours", claim({ aud: ["https://other.example", audience] }), 200, "ada"],
    ["2a.5 a list of ours alone", claim({ aud: [audience] }), 200, "ada"],
    ["2a.5 a list without ours", claim({ aud: ["a", "b"] }), 401, "wrong_audience", ["a b", audience]],
    ["2a.5 an empty list", claim({ aud: [] }), 401, "invalid_claim"],
    ["2a.5 a list with a number beside ours", claim({ aud: [audience, 7] }), 401, "invalid_claim"],
    ["2a.5 a list in a list", claim({ aud: [[audience]] }), 401, "invalid_claim"],
    ["2a.4 another", claim({ aud: "https://other.example" }), 401, "wrong_audience"],
    ["2a.4 with a slash at its end", claim({ aud: `${audience}/` }), 401, "wrong_audience"],
    ["2a.4 one that begins with ours", claim({ aud: `${audience}x` }), 401, "wrong_audience"],
    ["2a.4 ours among words", claim({ aud: `a ${audience}` }), 401, "wrong_audience"],
    ["2a.4 none", claim({ aud: null }), 401, "missing_claim"],
    ["2a.4 an object", claim({ aud: { [audience]: 1 } }), 401, "invalid_claim"],
  ]);
  testRows(
    issuer,
    [
      ["2a.5 one of two that are configured", claim({ aud: "second" }), 200, "ada"],
      ["2a.5 a list with the other", claim({ aud: ["x", "first"] }), 200, "ada"],
      ["2a.5 neither", claim({ aud: audience }), 401, "wrong_audience"],
    ],
    { audiences: ["first", "second"] },
  );
});

describe("times", () => {
  testRows(issuer, [
    ["2b.6 no exp", claim({ exp: null }), 401, "missing_claim", ['"exp"']],
    ["2b.6 exp a text", claim({ exp: String(now + 3600) }), 401, "invalid_claim"],
    ["2a.2 expired", claim({ exp: now - 3600 }), 401, "token_expired"],
    ["2b.7 exp 59 s ago", claim({ exp: now - 59 }), 200, "ada"],
    ["2b.7 exp 60 s ago", claim({ exp: now - 60 }), 401, "token_expired"],
    ["2b.7 no nbf", claim({ nbf: null }), 200, "ada"],
    ["2b.7 nbf in 60 s", claim({ nbf: now + 60 }), 200, "ada"],
    ["2b.7 nbf in 61 s", claim({ nbf: now + 61 }), 401, "token_not_yet_valid"],
    ["2b.7 nbf a text", claim({ nbf: "soon" }), 401, "invalid_claim"],
    ["2b.8 no iat", claim({ iat: null }), 200, "ada"],
    ["2b.8 iat in a day", claim({ iat: now + 86_400 }), 401, "token_not_yet_valid"],
    ["2b.8 iat a text", claim({ iat: "now" }), 401, "invalid_claim"],
    ["2b.20 expired and without scope", claim({ exp: now - 3600, scope: null }), 401, "token_expired"],
  ]);
});

describe("scopes", () => {
  const lacking = (name: string, claims: Record<string, unknown>): IssuerRow => [
    name,
    claim(claims),
    403,
    "insufficient_scope",
    ["tools:run"],
  ];
  testRows(issuer, [
    ["2a.10 scope", claim({ scope: "tools:run" }), 200, "ada"],
    ["2a.10 scope with others", claim({ scope: "openid tools:run" }), 200, "ada"],
    ["2a.10 scp a text", claim({ scope: null, scp: "openid tools:run" }), 200, "ada"],
    ["2a.10 scp a list", claim({ scope: null, scp: ["openid", "tools:run"] }), 200, "ada"],
    lacking("2a.10 scope goes before scp", { scope: "openid", scp: "tools:run" }),
    lacking("2a.10 an empty scope goes before scp", { scope: "", scp: "tools:run" }),
    lacking("2a.9 none", { scope: null }),
    lacking("2a.9 empty", { scope: "" }),
    lacking("2b.19 a scope that begins alike", { scope: "tools:run.all" }),
    lacking("2b.19 a scope that ends alike", { scope: "xtools:run" }),
    lacking("2b.19 in upper case", { scope: "TOOLS:RUN" }),
    lacking("2b.19 a tab between", { scope: "openid\ttools:run" }),
    lacking("2b.19 words in a list of scp", { scope: null, scp: ["openid tools:run"] }),
    lacking("2b.19 a list of scp with no texts", { scope: null, scp: [["tools:run"], 7] }),
    ["2a.10 scope a list", claim({ scope: ["openid", "tools:run"], scp: "x" }), 200, "ada"],
    lacking("2a.10 a list of scope goes before scp", { scope: ["openid"], scp: "tools:run" }),
    lacking("2b.19 words in a list of scope", { scope: ["openid tools:run"] }),
    ["2a.10 scope an object", claim({ scope: { "tools:run": 1 } }), 401, "invalid_claim", ["scope"]],
    ["2a.10 scope a number", claim({ scope: 1 }), 401, "invalid_claim"],
    ["2a.10 scp an object", claim({ scope: null, scp: { "tools:run": 1 } }), 401, "invalid_claim"],
    ["2b.18 roles are no scopes", claim({ scope: null, roles: ["tools:run"] }), 403, "insufficient_scope"],
  ]);
});

describe("the caller", () => {
  testRows(issuer, [
    ["an application without sub has its client id", claim({ sub: null }), 200, "cli"],
    ["neither sub nor client", claim({ sub: null, client_id: null }), 401, "missing_claim", ['"sub"']],
    ["a sub that is no text, beside a client", claim({ sub: 7 }), 401, "invalid_claim", ['"sub"']],
    ["an empty sub, beside a client", claim({ sub: "" }), 401, "invalid_claim"],
    ["sub without a client", claim({ client_id: null }), 200, "ada"],
    ["2b.5 an id token by at_hash", claim({ at_hash: "x" }), 401, "id_token", ["send the access token"]],
    ["2b.5 an id token by c_hash", claim({ c_hash: "x" }), 401, "id_token"],
    ["2b.5 an id token of Keycloak", claim({ typ: "ID" }), 401, "id_token"],
    ["2b.5 an id token by its nonce", claim({ nonce: "n", scope: null }), 401, "id_token"],
    ["2b.5 a nonce beside a scope is none", claim({ nonce: "n" }), 200, "ada"],
  ]);

  test.each([
    ["client_id", { client_id: "cli" }],
    ["azp", { client_id: null, azp: "cli" }],
    ["cid", { client_id: null, cid: "cli" }],
  ])("2b.16 its client is %s, and only who is on the list comes in", async (_, claims) => {
    const changes: IssuerChanges = { allowedClients: ["cli"] };
    await using stack = startIssuerStack(issuer, changes);
    await expectOutcome(stack, mint(issuer, claim(claims)), [200, "ada"]);
    const [name = ""] = Object.keys(claims).slice(-1);
    for (const other of ["CLI", "other"]) {
      await expectOutcome(stack, mint(issuer, claim({ ...claims, [name]: other })), [
        403,
        "client_not_allowed",
        [other],
      ]);
    }
  });

  test("2b.16 who has no client is not on the list", async () => {
    await using stack = startIssuerStack(issuer, { allowedClients: ["cli"] });
    await expectOutcome(stack, mint(issuer, claim({ client_id: null })), [403, "client_not_allowed"]);
  });

  test("2b.29 is known by issuer, sub and client, whatever these contain", async () => {
    await using stack = startIssuerStack(issuer);
    const keyOf = async (claims: Record<string, unknown>) =>
      (await expectAdmitted(await stack.askWith(mint(issuer, claim(claims))))).key;
    const keys = await Promise.all([
      keyOf({}),
      keyOf({ sub: "ben" }),
      keyOf({ client_id: "other" }),
      keyOf({ sub: 'ada","cli', client_id: null }),
      keyOf({ sub: null }),
      keyOf({ sub: "cli", client_id: "cli" }),
    ]);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys[0]).toBe(JSON.stringify([issuer.issuer, "ada", "cli"]));
  });

  test("2b.29 a token is denied by its jti", async () => {
    const deniedTokens = { has: (id: string) => id === "j-1", watch: () => () => {}, close() {} };
    await using stack = startIssuerStack(issuer, { deniedTokens });
    await expectOutcome(stack, mint(issuer), [401, "token_revoked"]);
    await expectOutcome(stack, mint(issuer, claim({ jti: "j-2" })), [200, "ada"]);
  });
});
