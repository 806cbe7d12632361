import { describe, expect, test } from "bun:test";
import { createKeyStore, type KeyStoreTimes } from "../../lib/auth/server/key-store.ts";
import type { SigningKey } from "../../lib/auth/server/signing-keys.ts";
import { AppError } from "../../lib/base/errors.ts";
import { silentLog } from "../../lib/base/log.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

function setOf(...kids: string[]): readonly SigningKey[] {
  return kids.map((kid) => ({ kid, keys: new Map(), issuer: undefined, fingerprint: kid }));
}

/** A key store over an issuer and a clock that the test moves. */
function openStore(times?: KeyStoreTimes) {
  const state = { nowMs: 1_000_000, loads: 0, kids: ["a"] as readonly string[], isDown: false };
  let gate: Promise<void> | undefined;
  const lines: string[] = [];
  const store = createKeyStore({
    clock: { nowMs: () => state.nowMs },
    log: { ...silentLog, warn: (line) => lines.push(line) },
    ...(times ? { times } : {}),
    async load() {
      state.loads++;
      const answer = { isDown: state.isDown, kids: state.kids };
      await gate;
      if (answer.isDown) throw new AppError("keys_unavailable", "Down.", { detail: "status 500" });
      return setOf(...answer.kids);
    },
  });
  return {
    state,
    lines,
    store,
    /** Holds all loads until the returned function is called. */
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return () => {
        gate = undefined;
        resolve();
      };
    },
    codeOf: (kid: string) =>
      store.find(kid).then(
        (key) => key?.kid ?? "none",
        (error: AppError) => error.code,
      ),
  };
}

/** Lets background work that waits for nothing come to its end. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("the key store with keys", () => {
  test("fetches nothing for a known key within the hour", async () => {
    const { store, state } = openStore();
    await store.find("a");
    state.nowMs += hour - 1;
    expect((await store.find("a"))?.kid).toBe("a");
    expect(state.loads).toBe(1);
  });

  test("refreshes in the background after an hour, without making the caller wait", async () => {
    const { store, state, hold } = openStore();
    await store.find("a");
    state.nowMs += hour;
    state.kids = ["a", "b"];
    const release = hold();
    expect((await store.find("a"))?.kid).toBe("a");
    expect(state.loads).toBe(2);
    release();
    await settle();
    expect((await store.find("b"))?.kid).toBe("b");
    expect(state.loads).toBe(2);
  });

  test("stops accepting a key that a refresh no longer brings", async () => {
    const { store, state, codeOf } = openStore();
    await store.find("a");
    state.nowMs += hour;
    state.kids = ["b"];
    await store.find("a");
    await settle();
    expect(await codeOf("a")).toBe("none");
  });

  test("waits longer after each failed refresh, up to a minute", async () => {
    const { store, state } = openStore();
    await store.find("a");
    state.isDown = true;
    state.nowMs += hour;
    const attemptedAtS: number[] = [];
    for (let elapsedS = 0; elapsedS < 250; elapsedS++) {
      const before = state.loads;
      await store.find("a");
      await settle();
      if (state.loads > before) attemptedAtS.push(elapsedS);
      state.nowMs += second;
    }
    expect(attemptedAtS).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
  });

  test("starts with the shortest wait again after a success", async () => {
    const { store, state } = openStore();
    await store.find("a");
    state.isDown = true;
    state.nowMs += hour;
    for (const waitMs of [0, second, 2 * second, 4 * second]) {
      state.nowMs += waitMs;
      await store.find("a");
      await settle();
    }
    expect(state.loads).toBe(1 + 4);
    state.isDown = false;
    state.nowMs += 8 * second;
    await store.find("a");
    await settle();
    state.isDown = true;
    state.nowMs += hour;
    await store.find("a");
    await settle();
    expect(state.loads).toBe(1 + 4 + 1 + 1);
    state.nowMs += second;
    await store.find("a");
    await settle();
    expect(state.loads).toBe(1 + 4 + 1 + 2);
  });

  test("does not fill the log in a long outage", async () => {
    const { store, state, lines } = openStore();
    state.isDown = true;
    for (let attempt = 0; attempt < 100; attempt++) {
      await store.find("a").catch(() => {});
      state.nowMs += second;
    }
    expect(state.loads).toBe(100);
    expect(lines).toHaveLength(7);
    expect(lines.at(-1)).toContain("(64 in a row)");
  });

  test("says in the log how often in a row and why a refresh failed", async () => {
    const { store, state, lines } = openStore();
    await store.find("a");
    state.isDown = true;
    state.nowMs += hour;
    await store.find("a");
    await settle();
    state.nowMs += second;
    await store.find("a");
    await settle();
    expect(lines).toEqual([
      "Signing keys were not loaded (1 in a row): status 500",
      "Signing keys were not loaded (2 in a row): status 500",
    ]);
  });

  test("keeps the last good set when the issuer answers an empty one", async () => {
    const { store, state, codeOf } = openStore();
    await store.find("a");
    state.kids = [];
    state.nowMs += hour;
    await store.find("a");
    await settle();
    expect(await codeOf("a")).toBe("a");
  });

  test("uses a set for 24 h and no longer", async () => {
    const { store, state, codeOf } = openStore();
    await store.find("a");
    state.isDown = true;
    state.nowMs += 24 * hour - 1;
    expect(await codeOf("a")).toBe("a");
    await settle();
    state.nowMs += 1;
    expect(store.isLoaded()).toBe(false);
    state.nowMs += minute;
    expect(await codeOf("a")).toBe("keys_unavailable");
  });
});

describe("the key store and unknown keys", () => {
  test("waits for a refresh that runs already, and looks again before it fetches", async () => {
    const { store, state, hold } = openStore();
    await store.find("a");
    state.nowMs += hour;
    state.kids = ["a", "b"];
    const release = hold();
    await store.find("a");
    const found = store.find("b");
    await settle();
    release();
    expect((await found)?.kid).toBe("b");
    expect(state.loads).toBe(2);
  });

  test("fetches once more where the running refresh had read the set too early", async () => {
    const { store, state, hold } = openStore();
    await store.find("a");
    state.nowMs += hour;
    const release = hold();
    await store.find("a");
    state.kids = ["a", "b"];
    const found = store.find("b");
    await settle();
    release();
    expect((await found)?.kid).toBe("b");
    expect(state.loads).toBe(3);
  });

  test("spends three fetches in five minutes, then says when to come again", async () => {
    const { store, state, codeOf } = openStore();
    await store.find("a");
    for (const kid of ["x", "y", "z"]) expect(await codeOf(kid)).toBe("none");
    const error = await store.find("w").catch((thrown: AppError) => thrown);
    expect(error).toMatchObject({ code: "keys_unavailable", retryAfterSeconds: 300 });
    expect(state.loads).toBe(1 + 3);
    state.nowMs += 5 * minute;
    expect(await codeOf("w")).toBe("none");
    expect(state.loads).toBe(1 + 4);
  });

  test("fetch nothing while a failed refresh makes it wait", async () => {
    const { store, state, codeOf } = openStore();
    await store.find("a");
    state.isDown = true;
    expect(await codeOf("x")).toBe("keys_unavailable");
    expect(await codeOf("y")).toBe("keys_unavailable");
    expect(state.loads).toBe(2);
    state.isDown = false;
    state.nowMs += second;
    expect(await codeOf("x")).toBe("none");
    expect(state.loads).toBe(3);
  });
});

describe("a key that comes while the issuer is down", () => {
  test("is accepted at the first attempt after the outage: failed fetches do not spend the window", async () => {
    const { store, state, codeOf } = openStore();
    await store.find("a");
    state.isDown = true;
    for (let elapsedS = 0; elapsedS < 60; elapsedS++) {
      expect(await codeOf("b")).toBe("keys_unavailable");
      state.nowMs += second;
    }
    expect(state.loads).toBe(1 + 6);
    state.isDown = false;
    state.kids = ["a", "b"];
    state.nowMs += 4 * second;
    expect(await codeOf("b")).toBe("b");
    expect(state.loads).toBe(1 + 6 + 1);
  });

  test("and made-up ones may then cause as many fetches as ever", async () => {
    const { store, state, codeOf } = openStore();
    await store.find("a");
    state.isDown = true;
    expect(await codeOf("x")).toBe("keys_unavailable");
    state.isDown = false;
    state.nowMs += second;
    for (const kid of ["x", "y", "z"]) expect(await codeOf(kid)).toBe("none");
    expect(await codeOf("w")).toBe("keys_unavailable");
    expect(state.loads).toBe(1 + 1 + 3);
  });
});

describe("a clock that is set back by a day", () => {
  const day = 24 * hour;

  test("does not keep a store without keys waiting", async () => {
    const { state, codeOf } = openStore();
    state.isDown = true;
    expect(await codeOf("a")).toBe("keys_unavailable");
    state.isDown = false;
    state.nowMs -= day;
    expect(await codeOf("a")).toBe("a");
  });

  test("does not keep unknown keys from being fetched", async () => {
    const { store, state, codeOf } = openStore();
    await store.find("a");
    for (const kid of ["x", "y", "z"]) await codeOf(kid);
    expect(await codeOf("w")).toBe("keys_unavailable");
    state.nowMs -= day;
    expect(await codeOf("w")).toBe("none");
  });

  test("makes the set be fetched anew, once, and nobody waits for it", async () => {
    const { store, state } = openStore();
    await store.find("a");
    state.nowMs -= day;
    for (let request = 0; request < 3; request++) {
      expect((await store.find("a"))?.kid).toBe("a");
      await settle();
    }
    expect(state.loads).toBe(2);
  });
});

describe("the key store without keys", () => {
  test("tries again after half a second, every time, and is asked for a second", async () => {
    const { store, state, codeOf } = openStore();
    state.isDown = true;
    for (let attempt = 1; attempt <= 8; attempt++) {
      expect(await codeOf("a")).toBe("keys_unavailable");
      expect(state.loads).toBe(attempt);
      state.nowMs += 499;
      const early = await store.find("a").catch((thrown: AppError) => thrown);
      expect(early).toMatchObject({ code: "keys_unavailable", retryAfterSeconds: 1 });
      expect(state.loads).toBe(attempt);
      state.nowMs += 1;
    }
    state.isDown = false;
    expect(await codeOf("a")).toBe("a");
    expect(store.isLoaded()).toBe(true);
  });

  test("makes all callers wait for one load", async () => {
    const { store, state, hold } = openStore();
    const release = hold();
    const found = Promise.all([store.find("a"), store.find("a"), store.load()]);
    await settle();
    release();
    expect((await found)[0]?.kid).toBe("a");
    expect(state.loads).toBe(1);
  });

  test("takes other times where it is told to", async () => {
    const times = { refreshAfterMs: 10, dropAfterMs: 20, missWindowMs: 5, missFetches: 1 };
    const { store, state, codeOf } = openStore(times);
    await store.find("a");
    expect(await codeOf("x")).toBe("none");
    expect(await codeOf("x")).toBe("keys_unavailable");
    state.nowMs += 5;
    expect(await codeOf("x")).toBe("none");
    state.nowMs += 20;
    expect(store.isLoaded()).toBe(false);
  });
});

describe("a key that was found before", () => {
  async function openWithKey(times?: KeyStoreTimes) {
    const opened = openStore(times);
    const key = await opened.store.find("a");
    if (!key) throw new Error("there is no key");
    return { ...opened, key };
  }

  test("is held while it is in the set, and costs no fetch within the hour", async () => {
    const { store, state, key } = await openWithKey();
    state.nowMs += hour - 1;
    expect(store.holds(key)).toBe(true);
    await settle();
    expect(state.loads).toBe(1);
  });

  test("causes the refresh after an hour like any other, once, and nobody waits for it", async () => {
    const { store, state, key, hold } = await openWithKey();
    state.nowMs += hour;
    state.kids = ["b"];
    const release = hold();
    expect([store.holds(key), store.holds(key)]).toEqual([true, true]);
    expect(state.loads).toBe(2);
    release();
    await settle();
    expect(store.holds(key)).toBe(false);
    expect(state.loads).toBe(2);
  });

  test("respects the wait after a failed refresh", async () => {
    const { store, state, key } = await openWithKey();
    state.isDown = true;
    state.nowMs += hour;
    for (let request = 0; request < 5; request++) {
      expect(store.holds(key)).toBe(true);
      await settle();
    }
    expect(state.loads).toBe(2);
  });

  test("is not held once the set is too old to be used", async () => {
    const { store, state, key } = await openWithKey();
    state.isDown = true;
    state.nowMs += 24 * hour;
    expect(store.holds(key)).toBe(false);
    expect(state.loads).toBe(1);
  });

  test("is not held where another key has its name", async () => {
    const { store, key } = await openWithKey();
    expect(store.holds({ ...key, fingerprint: "other" })).toBe(false);
    expect(store.holds({ ...key, kid: "other" })).toBe(false);
    expect(store.holds({ ...key })).toBe(true);
  });

  test("is not held before any set was loaded", () => {
    const { store, state } = openStore();
    expect(store.holds({ kid: "a", keys: new Map(), issuer: undefined, fingerprint: "a" })).toBe(false);
    expect(state.loads).toBe(0);
  });
});

describe("a key without a name", () => {
  async function openUnnamed(...kids: (string | undefined)[]) {
    const store = createKeyStore({
      clock: { nowMs: () => 0 },
      log: silentLog,
      load: async () =>
        kids.map((kid) => ({ kid, keys: new Map(), issuer: undefined, fingerprint: String(kid) })),
    });
    return store.find(undefined);
  }

  test("is the only one, whatever its own name", async () => {
    expect((await openUnnamed(undefined))?.fingerprint).toBe("undefined");
    expect((await openUnnamed("a"))?.fingerprint).toBe("a");
  });

  test("is none of several", async () => {
    expect(await openUnnamed(undefined, "a")).toBeUndefined();
    expect(await openUnnamed("a", "b")).toBeUndefined();
  });

  test("costs no fetch beyond the first", async () => {
    const { store, state } = openStore();
    state.kids = ["a", "b"];
    for (let request = 0; request < 10; request++) await store.find(undefined);
    expect(state.loads).toBe(1);
  });
});
