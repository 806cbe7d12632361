import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createLocalJWKSet, type CryptoKey, importJWK, type JWK, jwtVerify } from "jose";
import { createPublicKey } from "node:crypto";
import { type DevTenant, startDevTenant } from "../../lib/devtenant/start.ts";
import type { AccessTokenOverrides } from "../../lib/devtenant/token-overrides.ts";
import { decode, isSignedBy, readKeys, takeApart } from "./take-apart.ts";

let tenant: DevTenant;
let current: JWK;
beforeAll(async () => {
  tenant = await startDevTenant();
  current = (await readKeys(tenant))[0] as JWK;
});
afterAll(() => tenant.stop());

/** What jose says of a token: its `alg`, or the code of its refusal. */
async function judge(token: string, key?: CryptoKey | Uint8Array): Promise<unknown> {
  const verified = key ? jwtVerify(token, key) : jwtVerify(token, createLocalJWKSet({ keys: [current] }));
  return verified.then(
    ({ protectedHeader }) => protectedHeader.alg,
    (error: { code: string }) => error.code,
  );
}

/** The JSON text of a good token's part, to be edited. */
async function readText(part: "header" | "claims"): Promise<string> {
  const token = await tenant.mintAccessToken();
  return decode(token.split(".")[part === "header" ? 0 : 1]).toString();
}

describe("another algorithm", () => {
  test.each(["RS256", "RS384", "RS512", "PS256"] as const)("%s is signed by the current key", async (alg) => {
    const token = await tenant.mintAccessToken({ algorithm: alg });
    expect(takeApart(token).header).toMatchObject({ alg, kid: current.kid });
    expect(await judge(token, (await importJWK(current, alg)) as CryptoKey)).toBe(alg);
  });

  test.each([
    [
      "public-pem",
      (key: JWK) => createPublicKey({ key, format: "jwk" }).export({ type: "spki", format: "pem" }),
    ],
    [
      "public-der",
      (key: JWK) => createPublicKey({ key, format: "jwk" }).export({ type: "spki", format: "der" }),
    ],
    ["public-n", (key: JWK) => decode(key.n)],
  ] as const)("HS256 takes the public key as its secret: %s", async (key, secretOf) => {
    const token = await tenant.mintAccessToken({ key });
    expect(takeApart(token).header).toMatchObject({ alg: "HS256", kid: current.kid });
    expect(await judge(token, new Uint8Array(Buffer.from(secretOf(current))))).toBe("HS256");
    expect(await judge(token, new Uint8Array(32))).toBe("ERR_JWS_SIGNATURE_VERIFICATION_FAILED");
  });

  test("ES256 has a fresh key each time, under the current kid", async () => {
    const tokens = [await tenant.mintAccessToken({ key: "ec" }), await tenant.mintAccessToken({ key: "ec" })];
    for (const token of tokens) {
      expect(takeApart(token).header).toMatchObject({ alg: "ES256", kid: current.kid });
      expect(takeApart(token).signature).toHaveLength(64);
      expect(await judge(token)).toBe("ERR_JWKS_NO_MATCHING_KEY");
    }
  });

  test("none has an empty signature", async () => {
    const token = await tenant.mintAccessToken({ key: "none", header: { alg: "none" } });
    expect(takeApart(token)).toMatchObject({ header: { alg: "none" }, signatureText: "" });
    expect(token.split(".")).toHaveLength(3);
  });
});

describe("the header names", () => {
  test.each([{ kid: null }, { kid: 7 }, { kid: "k".repeat(10_240) }, { kid: "../../etc" }, { kid: ["a"] }])(
    "the kid as %j",
    async (header) => {
      const token = await tenant.mintAccessToken({ header });
      expect(takeApart(token).header["kid"]).toEqual(header.kid ?? undefined);
      expect(await isSignedBy(token, { ...current })).toBe(true);
    },
  );

  test.each([
    { typ: "JWE" },
    { jku: "http://127.0.0.1/keys" },
    { jwk: { kty: "RSA" } },
    { crit: ["b64"], b64: true },
  ])("further members: %j", async (header) => {
    const token = await tenant.mintAccessToken({ header });
    expect(takeApart(token).header).toMatchObject(header);
    expect(await isSignedBy(token, { ...current })).toBe(true);
  });
});

describe("raw parts", () => {
  test.each([
    ["aud twice", (text: string) => text.replace('"aud":', '"aud":"other","aud":')],
    ["exp 1e400", (text: string) => text.replace(/"exp":\d+/, '"exp":1e400')],
    ["exp NaN", (text: string) => text.replace(/"exp":\d+/, '"exp":NaN')],
    ["deep nesting", (text: string) => text.replace("{", `{"deep":${"[".repeat(5000)}${"]".repeat(5000)},`)],
    ["a byte order mark", (text: string) => `\uFEFF${text}`],
  ])("claims with %s are signed as they stand", async (_, edit) => {
    const rawClaims = edit(await readText("claims"));
    const token = await tenant.mintAccessToken({ rawClaims });
    expect(decode(token.split(".")[1]).equals(Buffer.from(rawClaims))).toBe(true);
    expect(await isSignedBy(token, { ...current })).toBe(true);
  });

  test("a header with a member twice is signed as it stands", async () => {
    const rawHeader = (await readText("header")).replace("{", '{"alg":"none",');
    const token = await tenant.mintAccessToken({ rawHeader });
    expect(decode(token.split(".")[0]).toString()).toBe(rawHeader);
    expect(await judge(token)).toBe("RS256");
  });

  test.each([
    ["bytes that are no UTF-8", Buffer.from([0x7b, 0xff, 0xfe, 0x7d]).toString("base64url")],
    ["a padded segment", "e30="],
    ["a segment that is not canonical", "e31"],
    ["a segment outside the alphabet", "e3/+ \n"],
    ["an empty segment", ""],
  ])("%s stands in the token and is signed", async (_, segment) => {
    const token = await tenant.mintAccessToken({ rawClaims: { segment } });
    expect(token.split(".")[1]).toBe(segment);
    expect(await isSignedBy(token, { ...current })).toBe(true);
    const headless = await tenant.mintAccessToken({ rawHeader: { segment } });
    expect(headless.split(".")[0]).toBe(segment);
    expect(await isSignedBy(headless, { ...current })).toBe(true);
  });
});

describe("a signature", () => {
  const signatures = (token: string) => ({ ...takeApart(token), isGood: isSignedBy(token, { ...current }) });

  test("is cut by a byte", async () => {
    const { signature, isGood } = signatures(await tenant.mintAccessToken({ signature: "cut" }));
    expect(signature).toHaveLength(255);
    expect(await isGood).toBe(false);
  });

  test("has one bit altered", async () => {
    const altered = await tenant.mintAccessToken({ signature: "altered" });
    const { signature, isGood } = signatures(altered);
    expect(signature).toHaveLength(256);
    expect(await isGood).toBe(false);
    signature[128]! ^= 1;
    const mended = `${altered.split(".", 2).join(".")}.${signature.toString("base64url")}`;
    expect(await isSignedBy(mended, { ...current })).toBe(true);
  });

  test.each([{}, { key: "public-pem" }, { key: "weak" }, { key: "ec" }] satisfies AccessTokenOverrides[])(
    "decodes to the same bytes in another writing: %j",
    async (overrides) => {
      const token = await tenant.mintAccessToken({ ...overrides, signature: "noncanonical" });
      const { signature, signatureText } = takeApart(token);
      const canonical = signature.toString("base64url");
      expect(signatureText).not.toBe(canonical);
      expect(signatureText.slice(0, -1)).toBe(canonical.slice(0, -1));
      expect(signatureText).toMatch(/^[\w-]+$/);
    },
  );

  test("that is not canonical verifies where a decoder is lenient", async () => {
    const { isGood } = signatures(await tenant.mintAccessToken({ signature: "noncanonical" }));
    expect(await isGood).toBe(true);
  });

  test("is padded or followed by garbage by the suffix", async () => {
    expect(await tenant.mintAccessToken({ suffix: "==" })).toMatch(/\.[\w-]{342}==$/);
    expect(await tenant.mintAccessToken({ suffix: ".x y" })).toMatch(/\.[\w-]{342}\.x y$/);
  });
});

describe("the shape", () => {
  test.each([1, 2, 4, 5, 100_000])("has %d segments", async (segments) => {
    const token = await tenant.mintAccessToken({ segments });
    expect(token.split(".")).toHaveLength(segments);
    if (segments < 3) return;
    // The first three are a good token: who reads no further is fooled.
    expect(await judge(token.split(".", 3).join("."))).toBe("RS256");
  });

  test("is a JWE's", async () => {
    const header = { alg: "RSA-OAEP", enc: "A256GCM", cty: "JWT" };
    const token = await tenant.mintAccessToken({ segments: 5, header });
    expect(decode(token.split(".")[0]).toString()).toContain('"alg":"RSA-OAEP"');
    expect(token.split(".")).toHaveLength(5);
  });

  test("is 2 MB long and verifies", async () => {
    const token = await tenant.mintAccessToken({ paddingLength: 1_600_000 });
    expect(token.length).toBeGreaterThan(2_000_000);
    expect(await judge(token)).toBe("RS256");
  });
});

describe("a token of another kind", () => {
  test("is an app's own, of version 2.0", async () => {
    const token = await tenant.mintAccessToken({ kind: "app" });
    expect(await judge(token)).toBe("RS256");
    const { claims } = takeApart(token);
    expect(Object.keys(claims).toSorted().join(" ")).toBe(
      "aio aud azp azpacr exp iat iss nbf oid rh sub tid uti ver",
    );
    expect(claims).toMatchObject({
      aud: tenant.apiClientId,
      iss: `${tenant.origin}/${tenant.tenantId}/v2.0`,
      azp: tenant.daemonClientId,
      azpacr: "1",
      ver: "2.0",
    });
    expect(claims["sub"]).toBe(String(claims["oid"]));
  });

  test("is an app's own, of version 1.0, with idtyp and roles", async () => {
    const extra = { idtyp: "app", roles: ["Execute.All"] };
    const token = await tenant.mintAccessToken({ kind: "app", version: "1.0", claims: extra });
    expect(await judge(token)).toBe("RS256");
    const iss = `${tenant.stsUrl}/${tenant.tenantId}/`;
    const { header, claims } = takeApart(token);
    expect(header["x5t"]).toBe(String(current.kid));
    expect(claims).toMatchObject({ ...extra, iss, idp: iss, appid: tenant.daemonClientId, appidacr: "1" });
    expect(claims["aud"]).toBe(`api://${tenant.apiClientId}`);
    for (const name of ["azp", "scp", "name", "upn"]) expect(claims).not.toHaveProperty(name);
  });

  test("is a person's with roles and without scp", async () => {
    const token = await tenant.mintAccessToken({ claims: { scp: null, roles: ["Execute.All"] } });
    const { claims } = takeApart(token);
    expect(claims).toMatchObject({ roles: ["Execute.All"], name: "Ada Lindqvist" });
    expect(claims).not.toHaveProperty("scp");
  });

  test("is an id token without x5t, whatever the API's token version", async () => {
    const v1 = await startDevTenant({ tokenVersion: "1.0" });
    const token = await v1.mintAccessToken({ kind: "id" });
    await v1.stop();
    expect(takeApart(token)).toMatchObject({ claims: { ver: "2.0" } });
    expect(Object.keys(takeApart(token).header)).toEqual(["typ", "alg", "kid"]);
  });

  test("is an id token for the public client", async () => {
    const token = await tenant.mintAccessToken({ kind: "id", claims: { nonce: "n" } });
    expect(await judge(token)).toBe("RS256");
    const { header, claims } = takeApart(token);
    expect(Object.keys(header)).toEqual(["typ", "alg", "kid"]);
    expect(claims).toMatchObject({ aud: tenant.publicClientId, nonce: "n", ver: "2.0" });
    for (const name of ["scp", "azp", "email"]) expect(claims).not.toHaveProperty(name);
    expect(tenant.secrets.all()).toContainEqual({ kind: "id_token", value: token });
  });

  test("is for Microsoft Graph, and only Graph can verify it", async () => {
    const token = await tenant.mintAccessToken({ kind: "graph" });
    const { header, claims } = takeApart(token);
    expect(Object.keys(header)).toEqual(["typ", "nonce", "alg", "x5t", "kid"]);
    expect(claims).toMatchObject({
      aud: "00000003-0000-0000-c000-000000000000",
      iss: `${tenant.stsUrl}/${tenant.tenantId}/`,
      ver: "1.0",
      scp: "User.Read",
    });
    expect(await judge(token)).toBe("ERR_JWS_SIGNATURE_VERIFICATION_FAILED");
    const nonce = new Bun.CryptoHasher("sha256").update(String(header["nonce"])).digest("base64url");
    const signed = Buffer.from(JSON.stringify({ ...header, nonce })).toString("base64url");
    expect(await judge([signed, ...token.split(".").slice(1)].join("."))).toBe("RS256");
  });
});

test.each([
  [{ sub: "x" }, "sub"],
  [{ kind: "app", person: "ada" }, "person"],
  [{ key: "ec", algorithm: "RS512" }, "algorithm"],
])("overrides that are unknown or change nothing are refused: %j", async (overrides, member) => {
  const minted = tenant.mintAccessToken(overrides as AccessTokenOverrides);
  await expect(minted).rejects.toMatchObject({
    code: "usage",
    message: expect.stringContaining(`"${member}"`),
  });
});
