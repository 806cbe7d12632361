import { describe, expect, test } from "bun:test";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import { readSigningKeys } from "../../lib/auth/server/signing-keys.ts";

const pair = await generateKeyPair("RS256", { extractable: true });
const good: JWK = { ...(await exportJWK(pair.publicKey)), kid: "good", use: "sig" };
const small = await crypto.subtle.generateKey(
  {
    name: "RSASSA-PKCS1-v1_5",
    modulusLength: 1024,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: "SHA-256",
  },
  true,
  ["sign", "verify"],
);
const weak = { ...(await crypto.subtle.exportKey("jwk", small.publicKey)), alg: undefined, kid: "weak" };

const kidsOf = async (jwks: unknown) => (await readSigningKeys(jwks, ["RS256"])).map(({ kid }) => kid);

describe("the keys of a set", () => {
  test.each([
    ["an RSA signature key", good, true],
    ["one that names RS256", { ...good, alg: "RS256" }, true],
    ["one without use", { ...good, use: undefined }, true],
    ["one with an issuer that is no text", { ...good, issuer: 1 }, true],
    ["an elliptic curve", { kty: "EC", crv: "P-256", x: "AAAA", y: "AAAA", kid: "ec" }, false],
    ["an RSA key that says it is another type", { ...good, kty: "oct" }, false],
    ["an encryption key", { ...good, use: "enc" }, false],
    ["a key for another algorithm", { ...good, alg: "PS256" }, false],
    ["a key of 1024 bits", weak, false],
    ["a key without an id", { ...good, kid: undefined }, true],
    ["a key with a number as id", { ...good, kid: 7 }, false],
    ["a key without a modulus", { ...good, n: undefined }, false],
    ["a key with an exponent that cannot be read", { ...good, e: "" }, false],
    ["a text", "key", false],
    ["null", null, false],
  ])("take %s: %#", async (_, jwk, isTaken) => {
    expect(await kidsOf({ keys: [jwk] })).toEqual(isTaken ? [(jwk as JWK).kid] : []);
  });

  test("are not harmed by a bad one beside them", async () => {
    const broken = { ...good, kid: "broken", e: "" };
    expect(await kidsOf({ keys: [broken, null, weak, good] })).toEqual(["good"]);
  });

  test("do not include a key id that stands twice, and the others stay", async () => {
    const other = { ...good, kid: "other" };
    expect(await kidsOf({ keys: [good, other, { ...good }] })).toEqual(["other"]);
  });

  test("are the first hundred of a set", async () => {
    const many = Array.from({ length: 101 }, (_, index) => ({ ...good, kid: `key-${index}` }));
    const kids = await kidsOf({ keys: many });
    expect(kids).toHaveLength(100);
    expect(kids).not.toContain("key-100");
  });

  test("keep the issuer that they name", async () => {
    const [key] = await readSigningKeys({ keys: [{ ...good, issuer: "https://i" }] }, ["RS256"]);
    expect(key?.issuer).toBe("https://i");
  });

  test.each([[undefined], [null], ["keys"], [[]], [{}], [{ keys: {} }]])("of %j are none", async (jwks) => {
    expect(await kidsOf(jwks)).toEqual([]);
  });
});
