import { describe, expect, test } from "bun:test";
import { SignJWT } from "jose";
import type { TokenVerifier } from "../../lib/auth/server/verify-token.ts";
import type { AppError } from "../../lib/base/errors.ts";
import { type SignatureAlgorithm, signatureAlgorithms } from "../../lib/config/signature-algorithms.ts";
import { audience, createIssuerKey, createIssuerVerifier, startOtherIssuer } from "./other-issuer.ts";

const oauthPath = "/.well-known/oauth-authorization-server/realms/a";
const openIdPath = "/realms/a/.well-known/openid-configuration";
const keys = new Map(
  await Promise.all(signatureAlgorithms.map(async (alg) => [alg, await createIssuerKey(alg, alg)] as const)),
);
const keyOf = (alg: SignatureAlgorithm) => {
  const key = keys.get(alg);
  if (!key) throw new Error(`there is no key for ${alg}`);
  return key;
};
const rs256 = keyOf("RS256");
const es256 = keyOf("ES256");

const outcomeOf = (verifier: TokenVerifier, token: string) =>
  verifier.verify(token).then(
    ({ subject }) => subject,
    (error: AppError) => error.code,
  );

describe("another issuer's token is let in", () => {
  test.each([...signatureAlgorithms])(
    "signed with %s where that is accepted, and only there",
    async (alg) => {
      await using other = await startOtherIssuer(...keys.values());
      const token = await other.mint(keyOf(alg));
      const only = createIssuerVerifier(other.issuer, { algorithms: [alg] });
      expect(await outcomeOf(only, token)).toBe("alice");
      const rest = signatureAlgorithms.filter((name) => name !== alg);
      const without = createIssuerVerifier(other.issuer, { algorithms: rest });
      expect(await outcomeOf(without, token)).toBe("unsupported_algorithm");
    },
  );

  test("never signed with a text that both sides know, whatever key id it names", async () => {
    await using other = await startOtherIssuer(rs256);
    const claims = { iss: other.issuer, sub: "alice", aud: audience, exp: Date.now() / 1000 + 600 };
    for (const secret of [JSON.stringify(rs256.jwk), rs256.jwk.n ?? ""]) {
      const token = await new SignJWT(claims)
        .setProtectedHeader({ alg: "HS256", kid: "RS256" })
        .sign(new TextEncoder().encode(secret));
      const verifier = createIssuerVerifier(other.issuer, { algorithms: signatureAlgorithms });
      expect(await outcomeOf(verifier, token)).toBe("unsupported_algorithm");
    }
  });

  test.each([
    ["RS256", "PS256"],
    ["RS256", "ES256"],
    ["ES256", "EdDSA"],
    ["ES256", "ES384"],
    ["RS512", "RS256"],
  ] as const)("not where an %s token says %s", async (real, said) => {
    await using other = await startOtherIssuer(keyOf(real));
    const [, payload, signature] = (await other.mint(keyOf(real))).split(".");
    const header = Buffer.from(JSON.stringify({ alg: said, kid: real })).toString("base64url");
    const verifier = createIssuerVerifier(other.issuer, { algorithms: signatureAlgorithms });
    const outcome = await outcomeOf(verifier, `${header}.${payload}.${signature}`);
    expect(outcome).toBe(
      real.startsWith("RS") && !said.startsWith("E") ? "bad_signature" : "unsupported_algorithm",
    );
  });

  test("not signed by another key under our key's id", async () => {
    await using other = await startOtherIssuer(es256);
    const stranger = await createIssuerKey("ES256", "ES256");
    const verifier = createIssuerVerifier(other.issuer, { algorithms: ["ES256"] });
    expect(await outcomeOf(verifier, await other.mint(stranger))).toBe("bad_signature");
  });

  test("without a key id while the issuer has one key, and not when it has two", async () => {
    const unnamed = await createIssuerKey("ES256");
    await using other = await startOtherIssuer(unnamed);
    const algorithms = ["ES256"] as const;
    const token = await other.mint(unnamed);
    expect(await outcomeOf(createIssuerVerifier(other.issuer, { algorithms }), token)).toBe("alice");
    other.state.keys = [unnamed, es256];
    expect(await outcomeOf(createIssuerVerifier(other.issuer, { algorithms }), token)).toBe("unknown_key");
    other.state.keys = [unnamed, rs256];
    expect(await outcomeOf(createIssuerVerifier(other.issuer, { algorithms }), token)).toBe("alice");
  });

  test("by a key of the first request, though it was rolled over since", async () => {
    await using other = await startOtherIssuer(es256);
    const verifier = createIssuerVerifier(other.issuer, { algorithms: ["ES256"] });
    await outcomeOf(verifier, await other.mint(es256));
    const next = await createIssuerKey("ES256", "next");
    other.state.keys = [next];
    expect(await outcomeOf(verifier, await other.mint(next))).toBe("alice");
    expect(await outcomeOf(verifier, await other.mint(es256))).toBe("unknown_key");
    expect(other.paths.filter((path) => path === openIdPath)).toHaveLength(1);
  });

  test("or refused for its claims without a fetch", async () => {
    await using other = await startOtherIssuer(rs256);
    const verifier = createIssuerVerifier(other.issuer);
    expect(await outcomeOf(verifier, await other.mint(rs256, { claims: { aud: "x" } }))).toBe(
      "wrong_audience",
    );
    expect(other.paths).toEqual([]);
  });
});

describe("an issuer's keys are found", () => {
  test("in its OpenID configuration", async () => {
    await using other = await startOtherIssuer(rs256);
    expect(await outcomeOf(createIssuerVerifier(other.issuer), await other.mint(rs256))).toBe("alice");
    expect(other.paths).toEqual([openIdPath, "/keys"]);
  });

  test("in its OAuth metadata where it has no OpenID configuration", async () => {
    await using other = await startOtherIssuer(rs256);
    other.state.metadataPath = oauthPath;
    expect(await outcomeOf(createIssuerVerifier(other.issuer), await other.mint(rs256))).toBe("alice");
    expect(other.paths).toEqual([openIdPath, oauthPath, "/keys"]);
  });

  test("where the issuer's name ends with a slash or has no path", async () => {
    await using other = await startOtherIssuer(rs256);
    const jwksUri = `${other.origin}/keys`;
    for (const end of ["/realms/a/", "/", ""]) {
      const issuer = `${other.origin}${end}`;
      other.state.metadata = { issuer, jwks_uri: jwksUri };
      other.state.metadataPath = `${end.replace(/\/$/, "")}/.well-known/openid-configuration`;
      const token = await other.mint(rs256, { claims: { iss: issuer } });
      expect(await outcomeOf(createIssuerVerifier(issuer), token)).toBe("alice");
    }
  });

  test("at the configured address, without any metadata", async () => {
    await using other = await startOtherIssuer(rs256);
    const verifier = createIssuerVerifier(other.issuer, { jwksUri: `${other.origin}/keys` });
    expect(await outcomeOf(verifier, await other.mint(rs256))).toBe("alice");
    expect(other.paths).toEqual(["/keys"]);
  });

  test.each<[string, (origin: string, issuer: string) => Record<string, unknown>]>([
    ["of another issuer", (origin) => ({ issuer: `${origin}/realms/b`, jwks_uri: `${origin}/keys` })],
    [
      "of the issuer with a slash",
      (origin, issuer) => ({ issuer: `${issuer}/`, jwks_uri: `${origin}/keys` }),
    ],
    ["of no issuer", (origin) => ({ jwks_uri: `${origin}/keys` })],
    ["without an address of keys", (_, issuer) => ({ issuer })],
    ["with http keys beyond this machine", (_, issuer) => ({ issuer, jwks_uri: "http://192.0.2.1/keys" })],
    ["with keys in a file", (_, issuer) => ({ issuer, jwks_uri: "file:///etc/passwd" })],
    ["with keys in itself", (_, issuer) => ({ issuer, jwks_uri: 'data:application/json,{"keys":[]}' })],
    ["with an address that is no text", (_, issuer) => ({ issuer, jwks_uri: ["x"] })],
  ])("not by a document %s: 503, never 401", async (_, documentOf) => {
    await using other = await startOtherIssuer(rs256);
    other.state.metadata = documentOf(other.origin, other.issuer);
    const verifier = createIssuerVerifier(other.issuer);
    expect(await outcomeOf(verifier, await other.mint(rs256))).toBe("keys_unavailable");
    expect(other.paths).toEqual([openIdPath, oauthPath]);
    expect(verifier.isReady()).toBe(false);
  });

  test.each([
    ["answers no more", false],
    ["answers an empty set", true],
  ])("anew when they moved and the old address %s", async (_, isEmpty) => {
    await using other = await startOtherIssuer(rs256);
    const clock = { now: Date.now(), nowMs: () => clock.now };
    const verifier = createIssuerVerifier(other.issuer, { clock });
    const token = await other.mint(rs256);
    await outcomeOf(verifier, token);
    const next = await createIssuerKey("RS256", "next");
    const moved = await other.mint(next);
    other.state.metadata = { issuer: other.issuer, jwks_uri: `${other.origin}/moved` };
    if (isEmpty) other.state.keys = [];
    else other.state.keysPath = "/moved";
    expect(await outcomeOf(verifier, moved)).toBe("keys_unavailable");
    other.state.keysPath = "/moved";
    other.state.keys = [next];
    clock.now += 1000;
    expect(await outcomeOf(verifier, moved)).toBe("alice");
    expect(other.paths).toEqual([openIdPath, "/keys", "/keys", openIdPath, "/moved"]);
  });
});
