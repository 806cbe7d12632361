import { describe, expect, test } from "bun:test";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { TokenVerifier } from "../../lib/auth/server/verify-token.ts";
import type { AppError } from "../../lib/base/errors.ts";
import { apiClientId } from "./entra-issuer.ts";
import { createEntraVerifier, type VerifierChanges } from "./entra-verifier.ts";

const contoso = "11111111-2222-3333-4444-555555555555";
const fabrikam = "22222222-2222-3333-4444-555555555555";
const stranger = "33333333-2222-3333-4444-555555555555";
const domains: Readonly<Record<string, string>> = { "contoso.com": contoso, "fabrikam.com": fabrikam };

async function createKey() {
  const pair = await generateKeyPair("RS256", { extractable: true });
  // Every tenant's key has the same name here: whose it is must come from where it was read.
  return { ...pair, jwk: { ...(await exportJWK(pair.publicKey)), kid: "key" } };
}
const keys: Readonly<Record<string, Awaited<ReturnType<typeof createKey>>>> = {
  [contoso]: await createKey(),
  [fabrikam]: await createKey(),
};

/** A cloud of two tenants with a key each. */
function startCloud() {
  const asked: string[] = [];
  const down = new Set<string>();
  const server: Bun.Server<undefined> = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const { pathname } = new URL(request.url);
      const [, name = ""] = pathname.split("/");
      asked.push(pathname);
      const id = domains[name];
      if (down.has(name)) return new Response("down", { status: 500 });
      if (id !== undefined) return Response.json({ issuer: `${loginUrl}/${id}/v2.0` });
      const key = keys[name];
      return key ? Response.json({ keys: [key.jwk] }) : new Response("unknown tenant", { status: 400 });
    },
  });
  const loginUrl = `http://127.0.0.1:${server.port}`;
  return {
    asked,
    down,
    createVerifier: (tenants: readonly string[], changes: Partial<VerifierChanges> = {}) =>
      createEntraVerifier({ cloud: { loginUrl, stsUrl: `${loginUrl}/sts` }, tenants, ...changes }),
    mint(tenant: string, changes: { readonly signer?: string; readonly claims?: object } = {}) {
      const now = Math.floor(Date.now() / 1000);
      const times = { iat: now, nbf: now, exp: now + 600 };
      const claims = {
        tid: tenant,
        iss: `${loginUrl}/${tenant}/v2.0`,
        ver: "2.0",
        aud: apiClientId,
        azp: "c",
      };
      const key = keys[changes.signer ?? tenant] ?? keys[contoso];
      if (!key) throw new Error("there is no key");
      return new SignJWT({ ...claims, sub: "s", oid: "o", scp: "execute", ...times, ...changes.claims })
        .setProtectedHeader({ alg: "RS256", kid: "key" })
        .sign(key.privateKey);
    },
    async [Symbol.asyncDispose]() {
      await server.stop(true);
    },
  };
}

const outcomeOf = (verifier: TokenVerifier, token: string) =>
  verifier.verify(token).then(
    ({ tenantId }) => tenantId,
    (error: AppError) => error.code,
  );

describe("several tenants", () => {
  test("let in the callers of each, and of no other", async () => {
    await using cloud = startCloud();
    const verifier = cloud.createVerifier([contoso.toUpperCase(), fabrikam]);
    expect(await outcomeOf(verifier, await cloud.mint(contoso))).toBe(contoso);
    expect(await outcomeOf(verifier, await cloud.mint(fabrikam))).toBe(fabrikam);
    expect(await outcomeOf(verifier, await cloud.mint(stranger))).toBe("wrong_tenant");
    expect(cloud.asked).toEqual([`/${contoso}/discovery/v2.0/keys`, `/${fabrikam}/discovery/v2.0/keys`]);
  });

  test("have keys of their own: one tenant's key signs no token of another", async () => {
    await using cloud = startCloud();
    const verifier = cloud.createVerifier([contoso, fabrikam]);
    const forged = await cloud.mint(fabrikam, { signer: contoso });
    expect(await outcomeOf(verifier, forged)).toBe("bad_signature");
    const mixed = await cloud.mint(fabrikam, { signer: contoso, claims: { tid: contoso } });
    expect(await outcomeOf(verifier, mixed)).toBe("wrong_issuer");
  });

  test("may be named by their domains, which are looked up once", async () => {
    await using cloud = startCloud();
    const verifier = cloud.createVerifier(["contoso.com", "fabrikam.com"]);
    expect(verifier.issuers()).toEqual([]);
    expect(await outcomeOf(verifier, await cloud.mint(fabrikam))).toBe(fabrikam);
    expect(await outcomeOf(verifier, await cloud.mint(contoso))).toBe(contoso);
    expect(await outcomeOf(verifier, await cloud.mint(stranger))).toBe("wrong_tenant");
    expect(cloud.asked).toHaveLength(4);
    expect(verifier.issuers().map((issuer) => issuer.split("/")[3])).toEqual([contoso, fabrikam]);
  });

  test("are told once in the metadata, though a tenant is named twice", async () => {
    await using cloud = startCloud();
    const verifier = cloud.createVerifier([contoso, "contoso.com"]);
    await verifier.warmUp(new AbortController().signal);
    expect(verifier.issuers()).toHaveLength(1);
  });
});

describe("a tenant that cannot be looked up", () => {
  test.each([
    ["the other has a GUID", contoso],
    ["the other has a domain", "contoso.com"],
  ])("does not keep the other's callers out, not even the first one: %s", async (_, other) => {
    await using cloud = startCloud();
    cloud.down.add("fabrikam.com");
    const verifier = cloud.createVerifier(["fabrikam.com", other]);
    expect(await outcomeOf(verifier, await cloud.mint(contoso))).toBe(contoso);
    expect(verifier.isReady()).toBe(true);
    expect(verifier.issuers()).toHaveLength(1);
  });

  test("makes 503 for a token that may be its own, and 401 when it is known that it is not", async () => {
    await using cloud = startCloud();
    cloud.down.add("fabrikam.com");
    const clock = { now: Date.now(), nowMs: () => clock.now };
    const verifier = cloud.createVerifier(["fabrikam.com", contoso], { clock });
    expect(await outcomeOf(verifier, await cloud.mint(fabrikam))).toBe("keys_unavailable");
    expect(await outcomeOf(verifier, await cloud.mint(stranger))).toBe("keys_unavailable");
    cloud.down.clear();
    clock.now += 1000;
    expect(await outcomeOf(verifier, await cloud.mint(stranger))).toBe("wrong_tenant");
    expect(await outcomeOf(verifier, await cloud.mint(fabrikam))).toBe(fabrikam);
  });

  test.each([
    ["that has none", undefined, "missing_claim"],
    ["that is no GUID", "common", "wrong_tenant"],
    ["that is a domain", "fabrikam.com", "wrong_tenant"],
    ["that is a number", 7, "invalid_claim"],
    ["that is an object which becomes no text", { toString: 1, valueOf: 1 }, "invalid_claim"],
  ])("is not asked about for a token of a tenant %s", async (_, tid, code) => {
    await using cloud = startCloud();
    cloud.down.add("fabrikam.com");
    const verifier = cloud.createVerifier(["fabrikam.com"]);
    const token = await cloud.mint(contoso, { claims: { tid } });
    expect(await outcomeOf(verifier, token)).toBe(code);
    expect(cloud.asked).toEqual([]);
  });

  test("is looked up until it works, while the other is ready", async () => {
    await using cloud = startCloud();
    cloud.down.add("fabrikam.com");
    const verifier = cloud.createVerifier(["fabrikam.com", contoso]);
    const stop = new AbortController();
    const warming = verifier.warmUp(stop.signal);
    expect(await outcomeOf(verifier, await cloud.mint(contoso))).toBe(contoso);
    cloud.down.clear();
    await warming;
    expect(verifier.issuers()).toHaveLength(2);
  });
});
