import { afterAll, describe, expect, test } from "bun:test";
import { addFirst, nest, withClaimsText, withHeaderText, withSegments } from "./edit-token.ts";
import { type EntraRow, expectOutcome, openTenant, startEntraStack, testRows } from "./entra-table.ts";

const tenant = await openTenant();
afterAll(() => tenant.stop());

const segmentOf = (bytes: Uint8Array | string) => ({ segment: Buffer.from(bytes).toString("base64url") });

describe("the algorithm", () => {
  testRows(tenant, [
    ["2a.1 RS256, v2.0", {}, 200, "ada"],
    ["2a.1 RS256, v1.0", { version: "1.0" }, 200, "ada"],
    ["2b.1 none, and no signature", { key: "none", header: { alg: "none" } }, 401, "unsupported_algorithm"],
    ["2b.1 none, over a good signature", { header: { alg: "none" } }, 401, "unsupported_algorithm"],
    ["2b.1 nOnE", { header: { alg: "nOnE" } }, 401, "unsupported_algorithm"],
    ["2b.1 no alg", { header: { alg: null } }, 401, "unsupported_algorithm"],
    ["2b.1 a list as alg", { header: { alg: ["RS256"] } }, 401, "unsupported_algorithm"],
    ["2b.1 rs256 in lower case", { header: { alg: "rs256" } }, 401, "unsupported_algorithm"],
    ["2b.1 HS256 by the public key as PEM, 2a.12", { key: "public-pem" }, 401, "unsupported_algorithm"],
    ["2b.1 HS256 by the public key as DER", { key: "public-der" }, 401, "unsupported_algorithm"],
    ["2b.1 HS256 by the public modulus", { key: "public-n" }, 401, "unsupported_algorithm"],
    ["2b.1 HS256, said to be RS256", { key: "public-pem", header: { alg: "RS256" } }, 401, "bad_signature"],
    ["2b.1 RS384 by our key", { algorithm: "RS384" }, 401, "unsupported_algorithm", ["RS384", "RS256"]],
    ["2b.1 RS512 by our key", { algorithm: "RS512" }, 401, "unsupported_algorithm"],
    ["2b.1 PS256 by our key", { algorithm: "PS256" }, 401, "unsupported_algorithm"],
    ["2b.1 PS256, said to be RS256", { algorithm: "PS256", header: { alg: "RS256" } }, 401, "bad_signature"],
    ["2b.1 ES256 under our kid", { key: "ec" }, 401, "unsupported_algorithm"],
  ]);
});

describe("the signature", () => {
  testRows(tenant, [
    ["2a.7 a bit turned", { signature: "altered" }, 401, "bad_signature"],
    ["2a.7 its last byte cut off", { signature: "cut" }, 401, "bad_signature"],
    ["2a.7 by a stranger under our kid", { key: "foreign" }, 401, "bad_signature"],
    ["2a.7 an unused bit set", { signature: "noncanonical" }, 401, "malformed_token"],
    ["2a.7 none", { key: "none" }, 401, "malformed_token"],
    [
      "2a.7 of another token",
      async (own) => {
        const [good, other] = await Promise.all([
          own.mintAccessToken(),
          own.mintAccessToken({ person: "ben" }),
        ]);
        return [...good.split(".").slice(0, 2), other.split(".")[2]].join(".");
      },
      401,
      "bad_signature",
    ],
  ]);
});

describe("members that name or bring a key", () => {
  testRows(tenant, [
    [
      "2b.2 jwk",
      { key: "foreign", header: { jwk: { kty: "RSA", n: "AQ", e: "AQAB" } } },
      401,
      "unsupported_header",
    ],
    ["2b.2 jwk beside a good signature", { header: { jwk: {} } }, 401, "unsupported_header"],
    ["2b.2 jku", { header: { jku: "https://evil.example/keys" } }, 401, "unsupported_header", ["jku"]],
    ["2b.2 jku null", withHeaderText(addFirst('"jku":null')), 401, "unsupported_header"],
    ["2b.2 x5u", { header: { x5u: "https://evil.example/cert" } }, 401, "unsupported_header"],
    ["2b.2 x5c", { header: { x5c: ["MIIB"] } }, 401, "unsupported_header"],
    ["2b.2 x5t, as Entra's v1.0 tokens have it", { header: { x5t: "abc", "x5t#S256": "abc" } }, 200, "ada"],
    [
      "2b.3 crit with an unknown name, 2a.14",
      { header: { crit: ["exp2"], exp2: 1 } },
      401,
      "unsupported_header",
    ],
    ["2b.3 crit b64", { header: { crit: ["b64"], b64: true } }, 401, "unsupported_header"],
    ["2b.3 crit b64 false", { header: { crit: ["b64"], b64: false } }, 401, "unsupported_header"],
    ["2b.3 crit empty", { header: { crit: [] } }, 401, "unsupported_header"],
    ["2b.3 crit null", withHeaderText(addFirst('"crit":null')), 401, "unsupported_header"],
    ["2a.14 an unknown member that is not critical", { header: { colour: "blue" } }, 200, "ada"],
  ]);

  test("2b.1 a good header does not vouch for the next one", async () => {
    await using stack = startEntraStack(tenant);
    const bad = [{ header: { alg: "none" } }, { header: { jku: "https://evil.example/keys" } }];
    for (const overrides of [{}, ...bad, {}]) {
      const token = await tenant.mintAccessToken(overrides);
      expect((await stack.askWith(token)).status).toBe("header" in overrides ? 401 : 200);
    }
  });

  test("2b.2, 2a.32 a jku is not fetched", async () => {
    let visits = 0;
    await using trap = Bun.serve({ port: 0, fetch: () => Response.json({ keys: visits++ }) });
    const jku = `http://127.0.0.1:${trap.port}/keys`;
    await using stack = startEntraStack(tenant);
    for (const name of ["jku", "x5u"]) {
      const token = await tenant.mintAccessToken({ key: "foreign", header: { [name]: jku } });
      await expectOutcome({ tenant, stack }, token, [401, "unsupported_header"]);
    }
    expect(visits).toBe(0);
  });
});

describe("the key id", () => {
  const rows: readonly EntraRow[] = [
    ["2a.15 that matches", {}, 200, "ada"],
    ["2a.16 that matches none", { header: { kid: "other" } }, 401, "unknown_key"],
    ["2b.4 missing, 2a.17 and there is one key", { header: { kid: null } }, 200, "ada"],
    ["2b.4 missing, and a stranger signed", { key: "foreign", header: { kid: null } }, 401, "bad_signature"],
    ["2b.4 of 128 characters", { header: { kid: "k".repeat(128) } }, 401, "unknown_key"],
    ["2b.4 a path", { header: { kid: "../../etc/passwd" } }, 401, "unknown_key"],
    ["2b.4 SQL", { header: { kid: "' OR 1=1 --" } }, 401, "unknown_key"],
    ["2b.4 with control characters", { header: { kid: "\u001B[2J\r\nx: y" } }, 401, "unknown_key"],
    ["2b.4 __proto__", { header: { kid: "__proto__" } }, 401, "unknown_key"],
  ];
  testRows(tenant, rows);

  test.each([
    ["a number", 7],
    ["a list", ["a"]],
    ["empty", ""],
    ["of 129 characters", "k".repeat(129)],
    ["of 10 KB", "k".repeat(10_240)],
  ])("2b.4 %s is refused without a look at the keys", async (_, kid) => {
    await using stack = startEntraStack(tenant);
    const before = tenant.counts.jwks;
    await expectOutcome({ tenant, stack }, await tenant.mintAccessToken({ header: { kid } }), [
      401,
      "unknown_key",
    ]);
    expect(tenant.counts.jwks).toBe(before);
  });

  test("2b.4, 2a.18 missing is refused where there are two keys", async () => {
    await using own = { tenant: await openTenant(), [Symbol.asyncDispose]: () => own.tenant.stop() };
    await own.tenant.rolloverKeys();
    await using stack = startEntraStack(own.tenant);
    const token = await own.tenant.mintAccessToken({ header: { kid: null } });
    await expectOutcome({ tenant: own.tenant, stack }, token, [401, "unknown_key", ["kid"]]);
  });
});

describe("the type", () => {
  testRows(tenant, [
    ["2b.5 JWT in lower case", { header: { typ: "jwt" } }, 200, "ada"],
    ["2b.5 at+jwt", { header: { typ: "at+jwt" } }, 200, "ada"],
    ["2b.5 application/at+jwt", { header: { typ: "application/at+jwt" } }, 200, "ada"],
    ["2b.5 none", { header: { typ: null } }, 200, "ada"],
    ["2b.5 dpop+jwt", { header: { typ: "dpop+jwt" } }, 401, "unsupported_header", ["dpop+jwt"]],
    ["2b.5 secevent+jwt", { header: { typ: "secevent+jwt" } }, 401, "unsupported_header"],
    ["2b.5 JOSE", { header: { typ: "JOSE" } }, 401, "unsupported_header"],
    ["2b.5 empty", { header: { typ: "" } }, 401, "unsupported_header"],
    ["2b.5 a number", { header: { typ: 1 } }, 401, "unsupported_header"],
    ["2b.5 a list", { header: { typ: ["JWT"] } }, 401, "unsupported_header"],
    [
      "2b.5 a nested JWE: five parts",
      { segments: 5, header: { alg: "RSA-OAEP", enc: "A256GCM" } },
      401,
      "malformed_token",
    ],
    [
      "2b.5 a nested JWT in place of the claims",
      withSegments(
        (header, claims, signature) =>
          `${header}.${Buffer.from(`${header}.${claims}.${signature}`).toString("base64url")}.${signature}`,
      ),
      401,
      "malformed_token",
    ],
    [
      "2b.5 an id token in an access token's place",
      { kind: "id" },
      401,
      "id_token",
      ["send the access token"],
    ],
    ["2b.5 an id token with a nonce", { kind: "id", claims: { nonce: "n" } }, 401, "id_token"],
    [
      "2b.5 an id token for a client that is the API itself",
      ({ apiClientId }) => ({ kind: "id", claims: { aud: apiClientId, nonce: "n" } }),
      401,
      "id_token",
    ],
    [
      "2b.5 an id token with nonce and azp",
      ({ apiClientId }) => ({ kind: "id", claims: { aud: apiClientId, nonce: "n", azp: apiClientId } }),
      401,
      "id_token",
    ],
  ]);
});

describe("the form", () => {
  testRows(tenant, [
    ["2a.8 a word", () => "abc", 401, "malformed_token"],
    ["2a.8 two dots", () => "..", 401, "malformed_token"],
    ["2a.8 one segment", { segments: 1 }, 401, "malformed_token"],
    ["2a.8 two segments", { segments: 2 }, 401, "malformed_token"],
    ["2a.8 four segments", { segments: 4 }, 401, "malformed_token"],
    ["2a.8 padded", { suffix: "==" }, 401, "malformed_token"],
    [
      "2a.8 base64 in place of base64url",
      withSegments((header, claims) => `${header}.${claims}.a+/b`),
      401,
      "malformed_token",
    ],
    ["2a.8 a header that is no JSON", { rawHeader: "nonsense" }, 401, "malformed_token"],
    ["2a.8 a header that is a list", withHeaderText((text) => `[${text}]`), 401, "malformed_token"],
    ["2a.8 a header that is null", { rawHeader: "null" }, 401, "malformed_token"],
    ["2a.8 claims that are a list", withClaimsText((text) => `[${text}]`), 401, "malformed_token"],
    ["2a.8 claims that are a text", { rawClaims: '"claims"' }, 401, "malformed_token"],
    ["2a.8 claims with a byte order mark", withClaimsText((text) => `\uFEFF${text}`), 401, "malformed_token"],
    ["2a.8 claims that are cut off", withClaimsText((text) => text.slice(0, -1)), 401, "malformed_token"],
    [
      "2a.8 bytes that are no UTF-8",
      withClaimsText((text) =>
        segmentOf(
          Buffer.concat([Buffer.from(`${text.slice(0, -1)},"x":"`), Buffer.from([0xff]), Buffer.from('"}')]),
        ),
      ),
      401,
      "malformed_token",
    ],
    [
      "2a.8 stray bits in the header",
      withSegments((header, claims, signature) => `${header}B.${claims}.${signature}`),
      401,
      "malformed_token",
    ],
    ["2b.9 alg twice", withHeaderText(addFirst('"alg":"none"')), 401, "malformed_token"],
    ["2b.9 kid twice", withHeaderText(addFirst('"kid":"other"')), 401, "malformed_token"],
    ["2b.9 aud twice", withClaimsText(addFirst('"aud":"other"')), 401, "malformed_token"],
    ["2b.9 aud twice, once escaped", withClaimsText(addFirst('"\\u0061ud":"other"')), 401, "malformed_token"],
    [
      "2b.9 aud twice, with white space",
      withClaimsText(addFirst('"aud" \n\t: "other"')),
      401,
      "malformed_token",
    ],
    [
      "2b.9 aud twice, an object between",
      withClaimsText(addFirst('"aud":"other","x":{}')),
      401,
      "malformed_token",
    ],
    [
      "2b.9 a value that looks like members",
      withClaimsText(addFirst('"x":"a\\",\\"aud\\":\\"b"')),
      200,
      "ada",
    ],
    ["2b.9 a value that ends with a backslash", withClaimsText(addFirst('"x":"a\\\\","y":"b:"')), 200, "ada"],
    ["2b.9 scp twice, alike", withClaimsText(addFirst('"scp":"execute"')), 401, "malformed_token"],
    ["2b.9 a member twice, nested", withClaimsText(addFirst('"x":[{"a":1,"a":2}]')), 401, "malformed_token"],
    [
      "2b.9 the same name in two objects",
      withClaimsText(addFirst('"x":{"aud":1},"y":{"aud":2}')),
      200,
      "ada",
    ],
    ["2b.9 a name as a value beside", withClaimsText(addFirst('"x":["aud","aud"],"y":"aud"')), 200, "ada"],
    ["2b.10 JSON of 16 levels", withClaimsText(addFirst(`"x":${nest(15)}`)), 200, "ada"],
    ["2b.10 JSON of 17 levels", withClaimsText(addFirst(`"x":${nest(16)}`)), 401, "malformed_token"],
    ["2b.10 JSON of 2500 levels", withClaimsText(addFirst(`"x":${nest(2500)}`)), 401, "malformed_token"],
    ["2b.10 2500 segments", { segments: 2500 }, 401, "malformed_token"],
    ["2b.10 fifteen thousand dots", () => ".".repeat(15_000), 401, "malformed_token"],
    ["2b.10 fifteen thousand characters in all", { paddingLength: 10_000 }, 200, "ada"],
    [
      "2a.8 an alg by prototype",
      withHeaderText((text) => text.replace(/"alg":"RS256"/, '"__proto__":{"alg":"RS256"}')),
      401,
      "unsupported_algorithm",
    ],
  ]);
});
