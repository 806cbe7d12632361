import { afterEach, describe, expect, spyOn, test } from "bun:test";
import { exportJWK, generateKeyPair } from "jose";
import type { DeniedTokens } from "../../lib/auth/server/denied-tokens.ts";
import type { TokenVerifier } from "../../lib/auth/server/verify-token.ts";
import type { AppError } from "../../lib/base/errors.ts";
import { startEntraIssuer, tenantId } from "./entra-issuer.ts";
import { createEntraVerifier, type VerifierChanges } from "./entra-verifier.ts";

const verifications = spyOn(crypto.subtle, "verify");
afterEach(() => void verifications.mockClear());

/** An issuer, a clock that the test moves, and a verifier over both. */
async function open(changes: Partial<VerifierChanges> = {}) {
  const issuer = await startEntraIssuer();
  const clock = { now: Date.now(), nowMs: () => clock.now };
  const verifier = createEntraVerifier({ cloud: issuer.cloud, clock, ...changes });
  return { issuer, clock, verifier, [Symbol.asyncDispose]: () => issuer[Symbol.asyncDispose]() };
}

const outcomeOf = (verifier: TokenVerifier, token: string) =>
  verifier.verify(token).then(
    (principal) => principal.tenantId,
    (error: AppError) => error.code,
  );

describe("a token that was verified before", () => {
  test("costs no signature and no fetch, and gives the same caller", async () => {
    await using held = await open();
    const { issuer, verifier } = held;
    const token = await issuer.mint("2.0");
    const first = await verifier.verify(token);
    for (let request = 0; request < 10; request++) expect(await verifier.verify(token)).toEqual(first);
    expect(verifications).toHaveBeenCalledTimes(1);
    expect(issuer.state.fetches).toBe(1);
  });

  test("costs a signature each time where none is remembered", async () => {
    await using held = await open({ maxRemembered: 0 });
    const token = await held.issuer.mint("2.0");
    for (let request = 0; request < 3; request++) await held.verifier.verify(token);
    expect(verifications).toHaveBeenCalledTimes(3);
  });

  test.each([
    ["", 10],
    [" where one is remembered", 1],
    [" where none is remembered", 0],
  ])("is known by all of it: with another signature it is another one%s", async (_, maxRemembered) => {
    await using held = await open({ maxRemembered });
    const token = await held.issuer.mint("2.0");
    await held.verifier.verify(token);
    const [header, payload, signature = ""] = token.split(".");
    const forged = `${header}.${payload}.${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
    expect(await outcomeOf(held.verifier, forged)).toBe("bad_signature");
    expect(await outcomeOf(held.verifier, token)).toBe(tenantId);
  });

  test("goes where there are too many", async () => {
    await using held = await open({ maxRemembered: 1 });
    const [one, two] = [await held.issuer.mint("2.0"), await held.issuer.mint("1.0")];
    for (const token of [one, two, two, one]) await held.verifier.verify(token);
    expect(verifications).toHaveBeenCalledTimes(3);
  });

  test("is looked at anew from its exp on, and refused when the skew is over", async () => {
    await using held = await open();
    const { clock, verifier } = held;
    const token = await held.issuer.mint("2.0");
    await verifier.verify(token);
    clock.now += 3599 * 1000;
    expect(await outcomeOf(verifier, token)).toBe(tenantId);
    expect(verifications).toHaveBeenCalledTimes(1);
    clock.now += 30_000;
    expect(await outcomeOf(verifier, token)).toBe(tenantId);
    expect(await outcomeOf(verifier, token)).toBe(tenantId);
    expect(verifications).toHaveBeenCalledTimes(3);
    clock.now += 31_000;
    expect(await outcomeOf(verifier, token)).toBe("token_expired");
  });

  test("is refused when its key has gone", async () => {
    await using held = await open();
    const { issuer, verifier } = held;
    const token = await issuer.mint("2.0");
    await verifier.verify(token);
    const pair = await generateKeyPair("RS256", { extractable: true });
    const next = { ...(await exportJWK(pair.publicKey)), kid: "key-2" };
    issuer.state.respond = () => Response.json({ keys: [next] });
    await verifier.verify(await issuer.mint("2.0", { pair, header: { kid: "key-2" } }));
    expect(await outcomeOf(verifier, token)).toBe("unknown_key");
  });

  test("is refused when another key took its key's name", async () => {
    await using held = await open();
    const { issuer, verifier } = held;
    const token = await issuer.mint("2.0");
    await verifier.verify(token);
    const pair = await generateKeyPair("RS256", { extractable: true });
    const jwk = await exportJWK(pair.publicKey);
    issuer.state.respond = () =>
      Response.json({
        keys: [
          { ...jwk, kid: "key-1" },
          { ...jwk, kid: "key-2" },
        ],
      });
    await verifier.verify(await issuer.mint("2.0", { pair, header: { kid: "key-2" } }));
    expect(await outcomeOf(verifier, token)).toBe("bad_signature");
  });

  test("is 503 and not let in when the keys are too old to be used", async () => {
    await using held = await open();
    const { issuer, verifier, clock } = held;
    const token = await issuer.mint("2.0", { claims: { exp: Math.floor(clock.now / 1000) + 100 * 3600 } });
    await verifier.verify(token);
    issuer.state.respond = () => new Response("down", { status: 500 });
    clock.now += 23 * 3_600_000;
    expect(await outcomeOf(verifier, token)).toBe(tenantId);
    clock.now += 3_600_000;
    expect(await outcomeOf(verifier, token)).toBe("keys_unavailable");
  });

  test("stops at once when it is denied, and goes on when that is taken back", async () => {
    const ids = new Set<string>();
    const deniedTokens: DeniedTokens = { has: (id) => ids.has(id), watch: () => () => {}, close() {} };
    await using held = await open({ deniedTokens });
    const token = await held.issuer.mint("2.0", { claims: { uti: "u-1" } });
    const unnamed = await held.issuer.mint("2.0", { claims: { uti: undefined } });
    expect(await outcomeOf(held.verifier, token)).toBe(tenantId);
    ids.add("u-1").add("undefined");
    expect(await outcomeOf(held.verifier, token)).toBe("token_revoked");
    expect(await outcomeOf(held.verifier, unnamed)).toBe(tenantId);
    ids.clear();
    expect(await outcomeOf(held.verifier, token)).toBe(tenantId);
  });

  test("is still held to the policy, and so is who lacks the right", async () => {
    await using held = await open();
    const { issuer, verifier } = held;
    const unscoped = await issuer.mint("2.0", { claims: { scp: "read" } });
    for (let request = 0; request < 3; request++) {
      expect(await outcomeOf(verifier, unscoped)).toBe("insufficient_scope");
    }
    expect(verifications).toHaveBeenCalledTimes(1);
  });
});

test("a token that is refused is not remembered", async () => {
  await using held = await open();
  const pair = await generateKeyPair("RS256");
  const forged = await held.issuer.mint("2.0", { pair });
  for (let request = 0; request < 2; request++) {
    expect(await outcomeOf(held.verifier, forged)).toBe("bad_signature");
  }
  expect(verifications).toHaveBeenCalledTimes(2);
});

describe("what is known of a token at once", () => {
  test("is its caller, once it was verified, and as long as it may be remembered", async () => {
    await using held = await open();
    const { clock, verifier } = held;
    const token = await held.issuer.mint("2.0");
    expect(verifier.recall?.(token)).toBeUndefined();
    const principal = await verifier.verify(token);
    expect(verifier.recall?.(token)).toEqual(principal);
    for (const other of ["", "\u0000", `${token} `, `${token}, Bearer ${token}`, token.slice(0, -1)]) {
      expect(verifier.recall?.(other)).toBeUndefined();
    }
    clock.now += 3600 * 1000;
    expect(verifier.recall?.(token)).toBeUndefined();
    expect(verifications).toHaveBeenCalledTimes(1);
  });

  test("is nothing where none is remembered", async () => {
    await using held = await open({ maxRemembered: 0 });
    const token = await held.issuer.mint("2.0");
    await held.verifier.verify(token);
    expect(held.verifier.recall?.(token)).toBeUndefined();
  });

  test("is that it was denied, and what its caller lacks", async () => {
    const ids = new Set<string>();
    const deniedTokens: DeniedTokens = { has: (id) => ids.has(id), watch: () => () => {}, close() {} };
    await using held = await open({ deniedTokens });
    const token = await held.issuer.mint("2.0", { claims: { uti: "u-1" } });
    const unscoped = await held.issuer.mint("2.0", { claims: { scp: "read" } });
    await Promise.allSettled([token, unscoped].map((one) => held.verifier.verify(one)));
    ids.add("u-1");
    expect(() => held.verifier.recall?.(token)).toThrow(expect.objectContaining({ code: "token_revoked" }));
    expect(() => held.verifier.recall?.(unscoped)).toThrow(
      expect.objectContaining({ code: "insufficient_scope" }),
    );
  });
});
