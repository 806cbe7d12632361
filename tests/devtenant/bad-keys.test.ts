import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { createLocalJWKSet, jwtVerify } from "jose";
import { type DevTenant, startDevTenant } from "../../lib/devtenant/start.ts";
import type { KeyName } from "../../lib/devtenant/token-overrides.ts";
import type { Json } from "./sign-in.ts";
import { decode, isSignedBy, keysUrl, readKeys, takeApart } from "./take-apart.ts";

let tenant: DevTenant;
let good: Json;
beforeAll(async () => {
  tenant = await startDevTenant();
});
beforeEach(async () => {
  tenant.faults.clear();
  good = (await readKeys(tenant)).at(-1)!;
});
afterAll(() => tenant.stop());

/** The key that the JWKS lists under a token's kid. */
async function findKeyOf(key: KeyName) {
  const token = await tenant.mintAccessToken({ key });
  const { kid, alg } = takeApart(token).header;
  return { token, alg, listed: (await readKeys(tenant)).find((listed) => listed["kid"] === kid)! };
}

describe("in place of the key set", () => {
  test("a redirect leads to the good one, which counts as a second request", async () => {
    tenant.faults.set({ jwks: "redirect" });
    const before = tenant.counts.jwks;
    const response = await fetch(keysUrl(tenant), { redirect: "manual" });
    expect(response.status).toBe(302);
    expect(response.headers.get("location")).not.toBe(keysUrl(tenant));
    expect(tenant.counts.jwks).toBe(before + 1);
    expect(await readKeys(tenant)).toEqual([good]);
    expect(tenant.counts.jwks).toBe(before + 3);
  });

  test("there are no keys", async () => {
    tenant.faults.set({ jwks: "empty" });
    expect(await readKeys(tenant)).toEqual([]);
  });

  test("an oversized answer of more than 1 MB has the good keys and no Content-Length", async () => {
    tenant.faults.set({ jwks: "oversized" });
    const response = await fetch(keysUrl(tenant));
    expect(response.headers.get("content-length")).toBeNull();
    const text = await response.text();
    expect(text.length).toBeGreaterThan(2 * 1024 * 1024);
    expect(JSON.parse(text)).toMatchObject({ keys: [good] });
  });

  test("JSON is cut off", async () => {
    tenant.faults.set({ jwks: "not-json" });
    const response = await fetch(keysUrl(tenant));
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/json"]);
    const text = await response.text();
    expect(text).toStartWith('{"keys":[');
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
  });
});

describe("beside the good key", () => {
  test("a weak key of 1024 bits stands, and signs", async () => {
    tenant.faults.set({ jwks: "weak" });
    const { token, alg, listed } = await findKeyOf("weak");
    expect([alg, decode(String(listed["n"])).length]).toEqual(["RS256", 128]);
    expect(await isSignedBy(token, listed)).toBe(true);
  });

  test("a weak key stands that zero bytes make look like 2048 bits, and signs", async () => {
    tenant.faults.set({ jwks: "weak" });
    const { token, listed } = await findKeyOf("weak-padded");
    const modulus = decode(String(listed["n"]));
    expect(modulus).toHaveLength(256);
    expect(modulus.subarray(0, 128).every((byte) => byte === 0)).toBe(true);
    expect(await isSignedBy(token, listed)).toBe(true);
  });

  test("a symmetric key stands, and signs", async () => {
    tenant.faults.set({ jwks: "symmetric" });
    const { token, alg, listed } = await findKeyOf("symmetric");
    expect([listed["kty"], alg]).toEqual(["oct", "HS256"]);
    await jwtVerify(token, new Uint8Array(decode(String(listed["k"]))));
  });

  test("a key for encryption stands, and signs all the same", async () => {
    tenant.faults.set({ jwks: "encryption" });
    const { token, listed } = await findKeyOf("encryption");
    expect(listed["use"]).toBe("enc");
    expect(await isSignedBy(token, listed)).toBe(true);
  });

  test.each([
    ["foreign-issuer", "dec0de00-0000-4000-8000-000000000002"],
    ["msa-issuer", "9188040d-6c67-4c5b-b112-36a304b66dad"],
  ] as const)("a key of another tenant stands, and signs: %s", async (key, issuerTenant) => {
    tenant.faults.set({ jwks: "foreign-issuer" });
    const { token, listed } = await findKeyOf(key);
    expect(listed["issuer"]).toBe(`${tenant.origin}/${issuerTenant}/v2.0`);
    expect(listed["use"]).toBe("sig");
    expect(await isSignedBy(token, listed)).toBe(true);
  });

  test.each([
    ["weak", 2],
    ["symmetric", 1],
    ["encryption", 1],
    ["foreign-issuer", 2],
    ["duplicate", 2],
  ] as const)("%s: the bad keys come first, and alone when the good ones are hidden", async (jwks, bad) => {
    await tenant.rolloverKeys();
    const goodKeys = await readKeys(tenant);
    expect(goodKeys).toHaveLength(2);
    tenant.faults.set({ jwks });
    const keys = await readKeys(tenant);
    // With `duplicate` the current key is itself one of the bad.
    const left = jwks === "duplicate" ? goodKeys.slice(0, 1) : goodKeys;
    expect(keys).toHaveLength(bad + left.length);
    expect(keys.slice(bad)).toEqual([...left]);
    tenant.faults.set({ hideGoodKeys: true });
    expect(await readKeys(tenant)).toEqual(keys.slice(0, bad));
  });
});

test("two different keys stand under the current kid, and both sign", async () => {
  tenant.faults.set({ jwks: "duplicate" });
  const keys = (await readKeys(tenant)).filter(({ kid }) => kid === good["kid"]);
  expect(new Set(keys.map(({ n }) => n)).size).toBe(2);
  const tokens = [await tenant.mintAccessToken({ key: "foreign" }), await tenant.mintAccessToken()];
  for (const [index, token] of tokens.entries()) {
    expect(takeApart(token).header["kid"]).toBe(String(good["kid"]));
    expect(await isSignedBy(token, keys[index]!)).toBe(true);
    expect(await isSignedBy(token, keys[1 - index]!)).toBe(false);
  }
});

test("bad keys are the same at each request and are not there without their fault", async () => {
  tenant.faults.set({ jwks: "weak" });
  const once = await readKeys(tenant);
  expect(await readKeys(tenant)).toEqual([...once]);
  const { token } = await findKeyOf("weak");
  tenant.faults.clear();
  expect((await readKeys(tenant)).some(({ kid }) => kid === takeApart(token).header["kid"])).toBe(false);
});

test("two usable keys both verify after a rollover", async () => {
  const before = await tenant.mintAccessToken();
  await tenant.rolloverKeys();
  const keys = (await readKeys(tenant)).map(({ n, e, kid }) => ({ kty: "RSA", n, e, kid }));
  expect(keys).toHaveLength(2);
  const jwks = createLocalJWKSet({ keys: keys as { kty: "RSA" }[] });
  for (const token of [before, await tenant.mintAccessToken()]) {
    expect((await jwtVerify(token, jwks)).payload["scp"]).toBe("execute");
  }
});
