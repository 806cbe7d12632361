import { afterAll, describe, expect, test } from "bun:test";
import {
  type EntraRow,
  expectOutcome,
  openTenant,
  type StackChanges,
  startEntraStack,
} from "./entra-table.ts";
import { expectRefused } from "./expect-answer.ts";

const hour = 3600;

const tenant = await openTenant({ tokenLifetimeSeconds: 100 * hour });
afterAll(() => tenant.stop());

/** A server that trusts the dev tenant and has no keys yet, and the judge of its answers. */
function open(changes: StackChanges = {}) {
  const before = tenant.counts.jwks;
  const stack = startEntraStack(tenant, changes);
  return {
    stack,
    /** How often it asked for the keys. */
    fetches: () => tenant.counts.jwks - before,
    /** Sends a token and judges the answer. */
    async expect(token: string, ...expected: [EntraRow[2], EntraRow[3]]): Promise<void> {
      await expectOutcome({ tenant, stack }, token, expected);
    },
    /** A token of a key that nobody has. */
    stranger: (kid: string) => tenant.mintAccessToken({ key: "foreign", header: { kid } }),
    async [Symbol.asyncDispose]() {
      await stack[Symbol.asyncDispose]();
      tenant.faults.clear();
    },
  };
}

describe("a cold start", () => {
  test("2b.26 twenty callers at once cause one fetch", async () => {
    await using server = open();
    tenant.faults.set({ delayMs: 20 });
    const tokens = await Promise.all(Array.from({ length: 20 }, () => tenant.mintAccessToken()));
    await Promise.all(tokens.map((token) => server.expect(token, 200, "ada")));
    expect(server.fetches()).toBe(1);
  });

  test("2b.24 in an outage asks again after half a second, and recovers at the first try", async () => {
    await using server = open();
    const token = await tenant.mintAccessToken();
    tenant.faults.set({ jwks: "error" });
    for (let attempt = 1; attempt <= 5; attempt++) {
      await server.expect(token, 503, "keys_unavailable");
      tenant.clock.advanceSeconds(0.499);
      await server.expect(token, 503, "keys_unavailable");
      expect(server.fetches()).toBe(attempt);
      tenant.clock.advanceSeconds(0.001);
    }
    tenant.faults.clear();
    await server.expect(token, 200, "ada");
    expect(server.fetches()).toBe(6);
  });
});

describe("an outage", () => {
  test("2b.24 known keys serve for 24 h; then 503 with Retry-After, and they come back", async () => {
    await using server = open({ maxRemembered: 0 });
    const token = await tenant.mintAccessToken();
    await server.expect(token, 200, "ada");
    tenant.faults.set({ jwks: "error" });
    tenant.clock.advanceSeconds(24 * hour - 1);
    await server.expect(token, 200, "ada");
    tenant.clock.advanceSeconds(1);
    await server.expect(token, 503, "keys_unavailable");
    tenant.faults.clear();
    tenant.clock.advanceSeconds(60);
    await server.expect(token, 200, "ada");
  });

  test("2b.24 a remembered token, too, serves no longer than the keys", async () => {
    await using server = open();
    const token = await tenant.mintAccessToken();
    await server.expect(token, 200, "ada");
    tenant.faults.set({ jwks: "error" });
    tenant.clock.advanceSeconds(24 * hour);
    await server.expect(token, 503, "keys_unavailable");
  });

  test("2b.24 refreshes wait 1 s, 2 s, 4 s, ... after each failure", async () => {
    await using server = open({ maxRemembered: 0 });
    const token = await tenant.mintAccessToken();
    await server.expect(token, 200, "ada");
    tenant.faults.set({ jwks: "error" });
    tenant.clock.advanceSeconds(hour);
    const attemptedAt: number[] = [];
    for (let second = 0; second < 10; second++) {
      const before = server.fetches();
      await server.expect(token, 200, "ada");
      // A token of an unknown key waits for the refresh that runs, and starts none while it has to wait.
      await server.expect(await server.stranger("x"), 503, "keys_unavailable");
      if (server.fetches() > before) attemptedAt.push(second);
      tenant.clock.advanceSeconds(1);
    }
    expect(attemptedAt).toEqual([0, 1, 3, 7]);
  });
});

describe("rollover", () => {
  test("2b.23 a new key is accepted at its first request, with one fetch", async () => {
    await using server = open();
    const old = await tenant.mintAccessToken();
    await server.expect(old, 200, "ada");
    await tenant.rolloverKeys();
    await server.expect(await tenant.mintAccessToken(), 200, "ada");
    expect(server.fetches()).toBe(2);
    await server.expect(old, 200, "ada");
    await server.expect(await tenant.mintAccessToken(), 200, "ada");
    expect(server.fetches()).toBe(2);
  });

  test("2b.23 also after a stranger sent a made-up kid", async () => {
    await using server = open();
    await server.expect(await tenant.mintAccessToken(), 200, "ada");
    await server.expect(await server.stranger("made-up"), 401, "unknown_key");
    expect(server.fetches()).toBe(2);
    await tenant.rolloverKeys();
    await server.expect(await tenant.mintAccessToken(), 200, "ada");
    expect(server.fetches()).toBe(3);
  });

  test("2b.23 twenty callers with the new key at once cause one fetch", async () => {
    await using server = open();
    await server.expect(await tenant.mintAccessToken(), 200, "ada");
    await tenant.rolloverKeys();
    tenant.faults.set({ delayMs: 20 });
    const tokens = await Promise.all(Array.from({ length: 20 }, () => tenant.mintAccessToken()));
    await Promise.all(tokens.map((token) => server.expect(token, 200, "ada")));
    expect(server.fetches()).toBe(2);
  });

  test("2b.23 a withdrawn key is refused once the set was refreshed, a remembered token as well", async () => {
    await using server = open();
    const [old, fresh] = [await tenant.mintAccessToken(), await tenant.mintAccessToken()];
    await server.expect(old, 200, "ada");
    await tenant.rolloverKeys({ withdrawPrevious: true });
    tenant.clock.advanceSeconds(hour);
    // It waits for the refresh that the hour brings.
    await server.expect(await tenant.mintAccessToken(), 200, "ada");
    await server.expect(old, 401, "unknown_key");
    await server.expect(fresh, 401, "unknown_key");
  });

  test("2b.23 a server whose every token is remembered notices it, too", async () => {
    await using server = open();
    const old = await tenant.mintAccessToken();
    await server.expect(old, 200, "ada");
    await tenant.rolloverKeys({ withdrawPrevious: true });
    tenant.clock.advanceSeconds(hour);
    expect(server.fetches()).toBe(1);
    // The refresh begins with this request and is not waited for.
    await server.expect(old, 200, "ada");
    await server.expect(await server.stranger("x"), 401, "unknown_key");
    await server.expect(old, 401, "unknown_key");
  });
});

describe("a flood of unknown key ids", () => {
  test("2b.25 causes 3 fetches in 5 minutes, then 503 until they have passed", async () => {
    await using server = open();
    const { stack } = server;
    await server.expect(await tenant.mintAccessToken(), 200, "ada");
    for (const kid of ["a", "b", "c"]) await server.expect(await server.stranger(kid), 401, "unknown_key");
    const refusal = { status: 503, reason: "keys_unavailable", retryAfter: 300 } as const;
    const token = await server.stranger("d");
    await expectRefused(stack, await stack.askWith(token), refusal, token);
    await server.expect(await tenant.mintAccessToken({ key: "foreign" }), 401, "bad_signature");
    expect(server.fetches()).toBe(1 + 3);
    tenant.clock.advanceSeconds(299.999);
    await expectRefused(stack, await stack.askWith(token), refusal, token);
    tenant.clock.advanceSeconds(0.001);
    await server.expect(token, 401, "unknown_key");
    expect(server.fetches()).toBe(1 + 4);
  });

  test("2b.25 windows and numbers are the operator's", async () => {
    const keyTimes = { refreshAfterMs: 10_000, dropAfterMs: 20_000, missWindowMs: 5000, missFetches: 1 };
    await using server = open({ keyTimes, maxRemembered: 0 });
    const { stack } = server;
    await server.expect(await server.stranger("a"), 401, "unknown_key");
    const token = await server.stranger("b");
    const refusal = { status: 503, reason: "keys_unavailable", retryAfter: 5 } as const;
    await expectRefused(stack, await stack.askWith(token), refusal, token);
    expect(server.fetches()).toBe(2);
    tenant.clock.advanceSeconds(20);
    tenant.faults.set({ jwks: "error" });
    await server.expect(await tenant.mintAccessToken(), 503, "keys_unavailable");
  });

  test("2b.25 tokens that cannot be ours cause none at all", async () => {
    await using server = open();
    const bad = [
      { lifetimeSeconds: -120 },
      { claims: { tid: "2" } },
      { claims: { aud: "x" } },
      { header: { alg: "none" } },
    ];
    for (const overrides of bad) {
      const token = await tenant.mintAccessToken(overrides);
      expect((await server.stack.askWith(token)).status).toBe(401);
    }
    expect(server.fetches()).toBe(0);
  });

  test("2b.25 ten thousand tokens cost 3 fetches, and valid callers come in meanwhile", async () => {
    await using server = open();
    const { stack } = server;
    const good = await tenant.mintAccessToken();
    await server.expect(good, 200, "ada");
    const [, claims, signature] = good.split(".");
    async function flood(lane: number): Promise<readonly number[]> {
      const statuses: number[] = [];
      for (let i = 0; i < 500; i++) {
        const header = JSON.stringify({ alg: "RS256", typ: "JWT", kid: `${lane}-${i}` });
        const token = [Buffer.from(header).toString("base64url"), claims, signature].join(".");
        const answer = await stack.askWith(token);
        statuses.push(answer.status);
        await answer.text();
      }
      return statuses;
    }
    const lanes = Array.from({ length: 20 }, (_, lane) => flood(lane));
    for (let i = 0; i < 50; i++) await server.expect(await tenant.mintAccessToken(), 200, "ada");
    const statuses = (await Promise.all(lanes)).flat();
    expect(statuses).toHaveLength(10_000);
    expect([...new Set(statuses)].toSorted()).toEqual([401, 503]);
    expect(server.fetches()).toBe(1 + 3);
  }, 60_000);
});
