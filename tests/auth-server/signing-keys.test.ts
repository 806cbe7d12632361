import { describe, expect, test } from "bun:test";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import { readSigningKeys } from "../../lib/auth/server/signing-keys.ts";
import { type SignatureAlgorithm, signatureAlgorithms } from "../../lib/config/signature-algorithms.ts";

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

/** The same number with zeros in front: longer to look at, no stronger. */
const padded = (base64url = "", zeros = 200) =>
  Buffer.concat([Buffer.alloc(zeros), Buffer.from(base64url, "base64url")]).toString("base64url");
const numberOf = (...bytes: number[]) => Buffer.from(bytes).toString("base64url");

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
    ["a modulus with zeros in front", { ...good, n: padded(good.n) }, true],
    ["a key of 1024 bits with zeros in front", { ...weak, n: padded(weak.n) }, false],
    ["a modulus of 8193 bits", { ...good, n: numberOf(1, ...Array(1023).fill(0), 1, 1) }, false],
    ["a modulus of 2047 bits", { ...good, n: numberOf(0x7f, ...Array(255).fill(0xff)) }, false],
    ["a modulus of zeros", { ...good, n: padded("", 256) }, false],
    ["an exponent of 3", { ...good, e: numberOf(3) }, true],
    ["an exponent of 1", { ...good, e: numberOf(1) }, false],
    ["an exponent of 1 with zeros in front", { ...good, e: numberOf(0, 0, 1) }, false],
    ["an exponent of 0", { ...good, e: numberOf(0) }, false],
    ["an even exponent", { ...good, e: numberOf(1, 0, 2) }, false],
    ["an exponent that is a number", { ...good, e: 65_537 }, false],
    ["a key that may verify", { ...good, key_ops: ["verify"] }, true],
    ["a key that may do more", { ...good, key_ops: ["encrypt", "verify"] }, true],
    ["a key that may only encrypt", { ...good, key_ops: ["encrypt"] }, false],
    ["a key that may do nothing", { ...good, key_ops: [] }, false],
    ["a key whose operations are a text", { ...good, key_ops: "verify" }, false],
    ["a use that is no text", { ...good, use: ["sig"] }, false],
    ["an alg that is no text", { ...good, alg: ["RS256"] }, false],
    ["an empty id", { ...good, kid: "" }, false],
    ["a text", "key", false],
    ["null", null, false],
  ])("take %s: %#", async (_, jwk, isTaken) => {
    expect(await kidsOf({ keys: [jwk] })).toStrictEqual(isTaken ? [(jwk as JWK).kid] : []);
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

describe("a key may be used with", () => {
  const publicJwkOf = async (alg: string, options = {}): Promise<JWK> =>
    exportJWK((await generateKeyPair(alg, { extractable: true, ...options })).publicKey);
  const algorithmsOf = async (jwk: object, accepted: readonly SignatureAlgorithm[] = signatureAlgorithms) => {
    const [key] = await readSigningKeys({ keys: [{ kid: "k", ...jwk }] }, accepted);
    return key ? [...key.keys.keys()] : [];
  };
  const rsa = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] as const;

  test("all of RSA's algorithms that are accepted", async () => {
    expect(await algorithmsOf(good)).toEqual([...rsa]);
    expect(await algorithmsOf(good, ["PS256", "ES256", "RS512"])).toEqual(["RS512", "PS256"]);
    expect(await algorithmsOf(good, ["ES256", "EdDSA"])).toEqual([]);
  });

  test.each([...rsa])("%s alone where its alg says so", async (alg) => {
    expect(await algorithmsOf({ ...good, alg })).toEqual([alg]);
    expect(
      await algorithmsOf(
        { ...good, alg },
        signatureAlgorithms.filter((name) => name !== alg),
      ),
    ).toEqual([]);
  });

  test.each([
    ["ES256", "P-256"],
    ["ES384", "P-384"],
    ["ES512", "P-521"],
  ] as const)("%s for the curve %s", async (alg, crv) => {
    const jwk = await publicJwkOf(alg);
    expect(jwk.crv).toBe(crv);
    expect(await algorithmsOf(jwk)).toEqual([alg]);
    expect(await algorithmsOf({ ...jwk, alg })).toEqual([alg]);
    expect(
      await algorithmsOf(
        jwk,
        signatureAlgorithms.filter((name) => name !== alg),
      ),
    ).toEqual([]);
    for (const bad of [
      { alg: "ES256K" },
      { kty: "OKP" },
      { y: undefined },
      { x: "AAAA" },
      { crv: "secp256k1" },
    ]) {
      expect(await algorithmsOf({ ...jwk, ...bad })).toEqual([]);
    }
  });

  test("EdDSA for Ed25519, by either name, and not for the curve of key agreement", async () => {
    const jwk = await publicJwkOf("EdDSA", { crv: "Ed25519" });
    expect(await algorithmsOf(jwk)).toEqual(["EdDSA"]);
    expect(await algorithmsOf({ ...jwk, alg: "EdDSA" })).toEqual(["EdDSA"]);
    expect(await algorithmsOf({ ...jwk, alg: "Ed25519" })).toEqual(["EdDSA"]);
    for (const bad of [{ alg: "ES256" }, { kty: "EC" }, { x: "AAAA" }, { crv: "X25519" }]) {
      expect(await algorithmsOf({ ...jwk, ...bad })).toEqual([]);
    }
  });

  test("nothing where it is a private key's secret half or a shared secret", async () => {
    const { privateKey } = await generateKeyPair("ES256", { extractable: true });
    const [key] = await readSigningKeys({ keys: [await exportJWK(privateKey)] }, ["ES256"]);
    expect(key?.keys.get("ES256")).toMatchObject({ type: "public", usages: ["verify"] });
    expect(await algorithmsOf({ kty: "oct", k: "AAAA" })).toEqual([]);
  });
});

describe("keys without names", () => {
  const unnamed = { ...good, kid: undefined };

  test("stay where there is one, also beside named ones", async () => {
    expect(await kidsOf({ keys: [unnamed, good] })).toStrictEqual([undefined, "good"]);
  });

  test("are all left out where there are several: which is meant cannot be known", async () => {
    expect(await kidsOf({ keys: [unnamed, good, { ...unnamed }] })).toEqual(["good"]);
  });
});

describe("the fingerprint of a key", () => {
  const printOf = async (changes: object, accepted: readonly SignatureAlgorithm[] = ["RS256"]) =>
    (await readSigningKeys({ keys: [{ ...good, ...changes }] }, accepted))[0]?.fingerprint;

  test("is the same for the same key in a later set", async () => {
    expect(await printOf({ x5t: "later", use: undefined })).toBe(await printOf({}));
  });

  test.each([
    ["another modulus", { n: `${good.n?.slice(0, -1)}${good.n?.endsWith("A") ? "Q" : "A"}` }],
    ["another exponent", { e: "Aw" }],
    ["another issuer", { issuer: "https://i" }],
  ])("differs for %s", async (_, changes) => {
    const [changed, own] = [await printOf(changes), await printOf({})];
    expect(changed).toBeString();
    expect(changed).not.toBe(own);
  });

  test("differs where its alg was narrowed", async () => {
    expect(await printOf({ alg: "RS256" }, ["RS256", "RS384"])).not.toBe(
      await printOf({}, ["RS256", "RS384"]),
    );
  });
});
