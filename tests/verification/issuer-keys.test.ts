import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { tokenOptions } from "../../lib/config/token-options.ts";
import {
  expectOutcome,
  type IssuerRow,
  type IssuerSent,
  mint,
  openIssuer,
  partsOf,
  startIssuerStack,
  type TestIssuer,
} from "./issuer-table.ts";
import { makeKey } from "./test-keys.ts";

type Jwk = Readonly<Record<string, unknown>>;

const good = makeKey("RS256");
const curve = makeKey("ES256");
const bystander = makeKey("ES256", { kid: "bystander" }).jwk;

/** Rows: name, what stands in the set beside a good ES256 key that nobody uses, what is sent, status and outcome. */
type KeyRow = readonly [name: string, jwks: readonly unknown[], sent: IssuerSent, ...IssuerRowEnd];
type IssuerRowEnd = readonly [status: IssuerRow[2], outcome: IssuerRow[3]];

/** An odd number of so many bits: no key, but it has the looks of a modulus. */
function modulusOf(bits: number): string {
  return Buffer.from([
    1 << ((bits - 1) % 8),
    ...Array.from({ length: Math.ceil(bits / 8) - 1 }, () => 1),
  ]).toString("base64url");
}

/** The signature by an RSA key whose exponent is 1: the padded digest itself (RFC 8017 section 9.2). */
function forgeByExponentOne(issuer: TestIssuer): string {
  const { header, claims } = partsOf(issuer);
  const text = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  const digestInfo = Buffer.concat([
    Buffer.from("3031300d060960864801650304020105000420", "hex"),
    createHash("sha256").update(text).digest(),
  ]);
  const padding = Buffer.alloc(256 - 3 - digestInfo.length, 0xff);
  const padded = Buffer.concat([Buffer.from([0, 1]), padding, Buffer.from([0]), digestInfo]);
  return `${text}.${padded.toString("base64url")}`;
}

let issuer: TestIssuer;
beforeEach(() => {
  issuer = openIssuer(good);
});
afterEach(() => issuer[Symbol.asyncDispose]());

describe("a key", () => {
  const jwk = good.jwk;
  const es = { algorithm: "ES256", key: curve } as const;
  const rows: readonly KeyRow[] = [
    ["2a.15 that is good", [jwk], {}, 200, "ada"],
    ["2a.19 with use sig", [{ ...jwk, use: "sig" }], {}, 200, "ada"],
    ["2b.27 with use enc", [{ ...jwk, use: "enc" }], {}, 401, "unknown_key"],
    ["2b.27 with another use", [{ ...jwk, use: 1 }], {}, 401, "unknown_key"],
    ["2a.19 with key_ops verify", [{ ...jwk, key_ops: ["verify"] }], {}, 200, "ada"],
    ["2b.27 with key_ops sign", [{ ...jwk, key_ops: ["sign"] }], {}, 401, "unknown_key"],
    ["2b.27 with key_ops that are no list", [{ ...jwk, key_ops: "verify" }], {}, 401, "unknown_key"],
    ["2a.19 with alg RS256", [{ ...jwk, alg: "RS256" }], {}, 200, "ada"],
    ["2b.27 with alg RSA-OAEP", [{ ...jwk, alg: "RSA-OAEP" }], {}, 401, "unknown_key"],
    ["2b.27 with a private part: it is not looked at", [{ ...jwk, d: "AQAB" }], {}, 200, "ada"],
    [
      "2b.27 with ext false and other members",
      [{ ...jwk, ext: false, x5c: ["MIIB"], x5u: "https://evil.example" }],
      {},
      200,
      "ada",
    ],
    ["2b.27 without a kid, and the token names one", [{ ...jwk, kid: undefined }], {}, 401, "unknown_key"],
    ["2b.27 of 2047 bits", [{ ...jwk, n: modulusOf(2047) }], {}, 401, "unknown_key"],
    ["2b.27 of 2048 bits, that did not sign", [{ ...jwk, n: modulusOf(2048) }], {}, 401, "bad_signature"],
    ["2b.27 of 8192 bits, that did not sign", [{ ...jwk, n: modulusOf(8192) }], {}, 401, "bad_signature"],
    ["2b.27 of 8193 bits", [{ ...jwk, n: modulusOf(8193) }], {}, 401, "unknown_key"],
    ["2b.27 with the exponent 1", [{ ...jwk, e: "AQ" }], {}, 401, "unknown_key"],
    ["2b.27 with the exponent 0", [{ ...jwk, e: "AA" }], {}, 401, "unknown_key"],
    ["2b.27 with an even exponent", [{ ...jwk, e: "AQAA" }], {}, 401, "unknown_key"],
    ["2b.27 without an exponent", [{ ...jwk, e: undefined }], {}, 401, "unknown_key"],
    ["2a.19 on a curve", [curve.jwk], es, 200, "ada"],
    ["2b.27 on a curve, without y", [{ ...curve.jwk, y: undefined }], es, 401, "unknown_key"],
    ["2b.27 on a curve, at no point of it", [{ ...curve.jwk, y: curve.jwk["x"] }], es, 401, "unknown_key"],
    ["2b.27 on a curve that is not accepted", [{ ...curve.jwk, crv: "secp256k1" }], es, 401, "unknown_key"],
    ["2a.20 of another kty", [{ ...curve.jwk, kty: "OKP" }], es, 401, "unknown_key"],
    ["2a.20 symmetric", [{ kty: "oct", kid: "key-1", k: "AAAA" }], {}, 401, "unknown_key"],
    ["2a.19 beside what is no key", [null, 7, "key", [], { kty: 1 }, jwk], {}, 200, "ada"],
    ["2b.27 twice the same", [jwk, jwk], {}, 401, "unknown_key"],
    ["2b.27 two under one kid", [jwk, makeKey("RS256").jwk], {}, 401, "unknown_key"],
    ["2b.27 two under one kid, of two kinds", [jwk, curve.jwk], {}, 401, "unknown_key"],
    [
      "2b.27 two under one kid, one of them unusable",
      [jwk, { ...makeKey("RS256").jwk, use: "enc" }],
      {},
      200,
      "ada",
    ],
    ["2b.27 as the 100th of the set", [...Array.from({ length: 98 }, () => ({})), jwk], {}, 200, "ada"],
    [
      "2b.27 as the 101st of the set",
      [...Array.from({ length: 99 }, () => ({})), jwk],
      {},
      401,
      "unknown_key",
    ],
  ];
  test.each(rows.map((row) => [row[0], row] as const))("%s", async (_, [, jwks, sent, ...expected]) => {
    issuer.documents.set("/keys", () => Response.json({ keys: [bystander, ...jwks] }));
    await using stack = startIssuerStack(issuer, { algorithms: ["RS256", "ES256"] });
    await expectOutcome(stack, mint(issuer, sent), expected);
  });

  test("2b.27 with the exponent 1 would sign itself, and is not taken", async () => {
    issuer.publish({ ...good.jwk, e: "AQ" }, bystander);
    await using stack = startIssuerStack(issuer, { algorithms: ["RS256", "ES256"] });
    await expectOutcome(stack, forgeByExponentOne(issuer), [401, "unknown_key"]);
  });

  test.each([
    ["2a.17 the only one, without a name", [{ ...good.jwk, kid: undefined }], 200, "ada"],
    ["2a.17 the only one, with a name", [good.jwk], 200, "ada"],
    [
      "2a.17 the only one that is usable",
      [
        { kty: "oct", k: "AAAA" },
        { ...good.jwk, kid: undefined },
      ],
      200,
      "ada",
    ],
    ["2b.27 the only one, with a number as its name", [{ ...good.jwk, kid: 7 }], 503, "keys_unavailable"],
    ["2b.27 the only one, with an empty name", [{ ...good.jwk, kid: "" }], 503, "keys_unavailable"],
    ["2a.18 one of two", [good.jwk, bystander], 401, "unknown_key"],
    [
      "2a.18 one of two without names",
      [
        { ...good.jwk, kid: undefined },
        { ...bystander, kid: undefined },
      ],
      503,
      "keys_unavailable",
    ],
  ] as const)("2b.4 for a token without kid: %s", async (_, jwks, status, outcome) => {
    issuer.publish(...(jwks as readonly Jwk[]));
    await using stack = startIssuerStack(issuer, { algorithms: ["RS256", "ES256"] });
    await expectOutcome(stack, mint(issuer, { header: { kid: null } }), [status, outcome]);
  });

  test("2b.4 a token without kid causes no further fetch", async () => {
    issuer.publish(good, bystander);
    await using stack = startIssuerStack(issuer, { algorithms: ["RS256", "ES256"] });
    const token = mint(issuer, { header: { kid: null } });
    for (let i = 0; i < 3; i++) await expectOutcome(stack, token, [401, "unknown_key"]);
    expect(issuer.fetched).toEqual(["/keys"]);
  });

  test("2b.29 that changed under its old name is noticed, by remembered tokens too", async () => {
    await using stack = startIssuerStack(issuer);
    const old = mint(issuer);
    await expectOutcome(stack, old, [200, "ada"]);
    const next = makeKey("RS256");
    issuer.publish(next);
    issuer.clock.advanceSeconds(3600 - 60);
    const late = mint(issuer);
    issuer.clock.advanceSeconds(60);
    await expectOutcome(stack, late, [200, "ada"]);
    await expectOutcome(stack, mint(issuer, { header: { kid: "x" } }), [401, "unknown_key"]);
    await expectOutcome(stack, late, [401, "bad_signature"]);
    await expectOutcome(stack, mint(issuer, { key: next }), [200, "ada"]);
  });
});

describe("the whole set", () => {
  test.each([
    ["2b.27 a list", () => Response.json([good.jwk])],
    ["2b.27 null", () => Response.json(null)],
    ["2b.27 keys that are an object", () => Response.json({ keys: { 0: good.jwk } })],
    ["2b.27 HTML", () => new Response("<html>", { headers: { "content-type": "text/html" } })],
    ["2b.27 an error with good keys", () => Response.json({ keys: [good.jwk] }, { status: 500 })],
    ["2b.27 a redirect to good keys", (origin: string) => Response.redirect(`${origin}/elsewhere`, 302)],
  ])("%s makes 503, never 401", async (_, respond) => {
    issuer.documents.set("/elsewhere", () => Response.json({ keys: [good.jwk] }));
    issuer.documents.set("/keys", () => respond(issuer.origin));
    await using stack = startIssuerStack(issuer);
    await expectOutcome(stack, mint(issuer), [503, "keys_unavailable"]);
    expect(issuer.fetched).toEqual(["/keys"]);
  });

  test("2b.23 a new key is accepted at its first request, with one fetch", async () => {
    await using stack = startIssuerStack(issuer);
    await expectOutcome(stack, mint(issuer), [200, "ada"]);
    const next = makeKey("RS256", { kid: "key-2" });
    issuer.publish(good, next);
    await expectOutcome(stack, mint(issuer, { key: next, header: { kid: "key-2" } }), [200, "ada"]);
    expect(issuer.fetched).toEqual(["/keys", "/keys"]);
  });
});

describe("discovery", () => {
  /** Lets the issuer live on loopback, its keys to be discovered. */
  function discovered() {
    const iss = `${issuer.origin}/tools`;
    const places = [
      "/tools/.well-known/openid-configuration",
      "/.well-known/oauth-authorization-server/tools",
    ] as const;
    const stack = startIssuerStack(issuer, { issuer: iss, jwksUri: undefined });
    return {
      places,
      describe: (place: 0 | 1, document: Jwk) =>
        issuer.documents.set(places[place], () => Response.json(document)),
      document: { issuer: iss, jwks_uri: issuer.jwksUri },
      stack,
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
      token: mint(issuer, { claims: { iss } }),
    };
  }

  test.each([
    ["an OpenID configuration", 0],
    ["OAuth metadata, RFC 8414", 1],
  ] as const)("finds the keys by %s, once", async (_, place) => {
    await using server = discovered();
    const { stack, token, describe: set, document, places } = server;
    set(place, document);
    await expectOutcome(stack, token, [200, "ada"]);
    const asked = [...places.slice(0, place + 1), "/keys"];
    expect(issuer.fetched).toEqual(asked);
    const claims = { iss: document.issuer };
    await expectOutcome(stack, mint(issuer, { claims, header: { kid: "other" } }), [401, "unknown_key"]);
    expect(issuer.fetched).toEqual([...asked, "/keys"]);
  });

  test.each([
    ["of another issuer", () => ({ issuer: "https://evil.example" })],
    ["whose issuer has a slash more", (issuerName: string) => ({ issuer: `${issuerName}/` })],
    ["without an issuer", () => ({ issuer: undefined })],
    ["without a jwks_uri", () => ({ jwks_uri: undefined })],
    [
      "2a.32 with a jwks_uri by http beyond loopback",
      () => ({ jwks_uri: issuer.jwksUri.replace("127.0.0.1", "0.0.0.0") }),
    ],
    ["2a.32 with a jwks_uri by file", () => ({ jwks_uri: "file:///etc/passwd" })],
    ["with a jwks_uri that is no URL", () => ({ jwks_uri: "keys" })],
  ])("does not trust metadata %s", async (_, changesOf) => {
    await using server = discovered();
    const { stack, token, describe: set, document } = server;
    set(0, { ...document, ...changesOf(document.issuer) });
    await expectOutcome(stack, token, [503, "keys_unavailable"]);
    expect(issuer.fetched).not.toContain("/keys");
  });

  test("asks again where the keys have moved", async () => {
    await using server = discovered();
    const { stack, token, describe: set, document } = server;
    set(0, document);
    issuer.documents.set("/keys", () => new Response("gone", { status: 410 }));
    await expectOutcome(stack, token, [503, "keys_unavailable"]);
    set(0, { ...document, jwks_uri: `${issuer.origin}/moved` });
    issuer.documents.set("/moved", () => Response.json({ keys: [good.jwk] }));
    issuer.clock.advanceSeconds(1);
    await expectOutcome(stack, token, [200, "ada"]);
  });

  test("does not happen where --jwks-uri says where the keys are", async () => {
    await using stack = startIssuerStack(issuer);
    await expectOutcome(stack, mint(issuer), [200, "ada"]);
    expect(issuer.fetched).toEqual(["/keys"]);
  });
});

describe("the settings --issuer and --jwks-uri", () => {
  const settings = [tokenOptions.issuer, tokenOptions.jwksUri];
  test.each([
    "https://login.example.com/realms/tools",
    "http://127.0.0.1:8080/realms/tools",
    "http://localhost:8080/",
    "http://[::1]:8080/",
  ])("take %s", (url) => {
    expect(settings.map(({ check }) => check(url))).toEqual([undefined, undefined]);
  });

  test.each([
    "http://login.example.com/realms/tools",
    "http://127.0.0.1.evil.example/",
    "http://localhost.evil.example/",
    "ftp://login.example.com/",
    "https://user:secret@login.example.com/",
    "login.example.com",
    "",
  ])("2a.32 do not take %p", (url) => {
    for (const { check } of settings) expect(check(url)).toBeString();
  });
});
