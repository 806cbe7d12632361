import { afterAll, describe, expect, test } from "bun:test";
import type { FaultSettings } from "../../lib/devtenant/fault-settings.ts";
import {
  type EntraRow,
  expectOutcome,
  openTenant,
  type StackChanges,
  startEntraStack,
} from "./entra-table.ts";

/**
 * Rows of a server that has no keys yet: name, what the JWKS answers, what is sent, status and outcome. The set has
 * the good key of ada's token, too, unless it is hidden or the fault stands in its place.
 */
type ColdRow = readonly [
  name: string,
  faults: Partial<FaultSettings>,
  sent: Exclude<EntraRow[1], (...args: never) => unknown>,
  status: EntraRow[2],
  outcome: EntraRow[3],
];

const tenant = await openTenant();
afterAll(() => tenant.stop());

/** What a server does that asks for the keys for the first time while they are like this. */
function testColdRows(rows: readonly ColdRow[], changes: StackChanges = {}): void {
  test.each(rows.map((row) => [row[0], row] as const))("%s", async (_, [, faults, sent, ...expected]) => {
    tenant.faults.set(faults);
    await using stack = startEntraStack(tenant, changes);
    const token = await tenant.mintAccessToken(sent);
    try {
      await expectOutcome({ tenant, stack }, token, expected);
      if (expected[0] === 503) expect(stack.verifier.isReady()).toBe(false);
    } finally {
      tenant.faults.clear();
    }
  });
}

describe("a key set that cannot be had, at a cold start", () => {
  testColdRows([
    ["2b.24 an error", { jwks: "error" }, {}, 503, "keys_unavailable"],
    ["2b.27 HTML", { jwks: "html" }, {}, 503, "keys_unavailable"],
    ["2b.27 broken JSON", { jwks: "not-json" }, {}, 503, "keys_unavailable"],
    ["2b.27, 2a.32 a redirect to good keys", { jwks: "redirect" }, {}, 503, "keys_unavailable"],
    ["2b.27 no keys", { jwks: "empty" }, {}, 503, "keys_unavailable"],
    ["2b.27 more than 512 KiB, with the good key in it", { jwks: "oversized" }, {}, 503, "keys_unavailable"],
    ["2b.27 weak keys alone", { jwks: "weak", hideGoodKeys: true }, { key: "weak" }, 503, "keys_unavailable"],
    ["2b.27 a symmetric key alone", { jwks: "symmetric", hideGoodKeys: true }, {}, 503, "keys_unavailable"],
    ["2b.27 an error, and a bad signature", { jwks: "error" }, { key: "foreign" }, 503, "keys_unavailable"],
  ]);

  test("2b.24 is no reason not to say why a token is bad anyway", async () => {
    tenant.faults.set({ jwks: "error" });
    await using stack = startEntraStack(tenant);
    const before = tenant.counts.jwks;
    await expectOutcome({ tenant, stack }, await tenant.mintAccessToken({ lifetimeSeconds: -120 }), [
      401,
      "token_expired",
    ]);
    expect(tenant.counts.jwks).toBe(before);
    tenant.faults.clear();
  });

  describe("with --terse-errors", () => {
    testColdRows([["2b.24 an error", { jwks: "error" }, {}, 503, "keys_unavailable"]], { isTerse: true });
  });

  describe("with a limit of 20 ms", () => {
    testColdRows([["2b.27 an answer that never comes", { jwks: "hang" }, {}, 503, "keys_unavailable"]], {
      fetchTimeoutMs: 20,
    });
  });
});

describe("a key set with bad keys beside the good one", () => {
  testColdRows([
    ["2b.27, 2a.19 weak ones: the good one serves", { jwks: "weak" }, {}, 200, "ada"],
    ["2b.27 1024 bits", { jwks: "weak" }, { key: "weak" }, 401, "unknown_key"],
    ["2b.27 1024 bits that look like 2048", { jwks: "weak" }, { key: "weak-padded" }, 401, "unknown_key"],
    ["2b.27, 2a.20 a symmetric one: the good one serves", { jwks: "symmetric" }, {}, 200, "ada"],
    [
      "2b.27, 2a.11 a symmetric one, HS256",
      { jwks: "symmetric" },
      { key: "symmetric" },
      401,
      "unsupported_algorithm",
    ],
    [
      "2b.27, 2a.12 a symmetric one, said to be RS256",
      { jwks: "symmetric" },
      { key: "symmetric", header: { alg: "RS256" } },
      401,
      "unknown_key",
    ],
    ["2b.27, 2a.19 one for encryption: the good one serves", { jwks: "encryption" }, {}, 200, "ada"],
    ["2b.27 one for encryption", { jwks: "encryption" }, { key: "encryption" }, 401, "unknown_key"],
    [
      "2b.27 two under one kid: the first",
      { jwks: "duplicate" },
      { key: "foreign" },
      503,
      "keys_unavailable",
    ],
    ["2b.27 two under one kid: the second", { jwks: "duplicate" }, {}, 503, "keys_unavailable"],
    ["2b.15 one of another tenant: the good one serves", { jwks: "foreign-issuer" }, {}, 200, "ada"],
    [
      "2b.15 one of another tenant",
      { jwks: "foreign-issuer" },
      { key: "foreign-issuer" },
      401,
      "wrong_issuer",
    ],
    [
      "2b.15 one of another tenant, v1.0",
      { jwks: "foreign-issuer" },
      { key: "foreign-issuer", version: "1.0" },
      401,
      "wrong_issuer",
    ],
    [
      "2b.15 one of personal accounts",
      { jwks: "foreign-issuer" },
      { key: "msa-issuer" },
      401,
      "wrong_issuer",
    ],
    ["2b.4 no kid, and a bad key beside", { jwks: "weak" }, { header: { kid: null } }, 200, "ada"],
  ]);

  test("2b.27 two under one kid: a third one serves", async () => {
    const own = await openTenant();
    const older = await own.mintAccessToken();
    await own.rolloverKeys();
    own.faults.set({ jwks: "duplicate" });
    await using stack = startEntraStack(own);
    await expectOutcome({ tenant: own, stack }, older, [200, "ada"]);
    for (const key of ["current", "foreign"] as const) {
      await expectOutcome({ tenant: own, stack }, await own.mintAccessToken({ key }), [401, "unknown_key"]);
    }
    await own.stop();
  });
});

describe("a key set that turns bad", () => {
  test.each([
    ["2b.24 an error", "error"],
    ["2b.27 HTML", "html"],
    ["2b.27 broken JSON", "not-json"],
    ["2b.27 a redirect", "redirect"],
    ["2b.27 no keys", "empty"],
    ["2b.27 more than 512 KiB", "oversized"],
  ] as const)("%s: the old set is kept", async (_, jwks) => {
    const own = await openTenant();
    await using stack = startEntraStack(own, { maxRemembered: 0 });
    const admit = async () =>
      expectOutcome({ tenant: own, stack }, await own.mintAccessToken(), [200, "ada"]);
    await admit();
    own.faults.set({ jwks });
    own.clock.advanceSeconds(3600);
    await admit();
    // The refresh runs behind the caller's back; one with an unknown key waits for it, and for its backoff.
    await expectOutcome({ tenant: own, stack }, await own.mintAccessToken({ header: { kid: "x" } }), [
      503,
      "keys_unavailable",
    ]);
    expect(own.counts.jwks).toBe(2);
    await admit();
    await own.stop();
  });
});
