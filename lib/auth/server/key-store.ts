import type { Clock } from "../../base/clock.ts";
import { AppError } from "../../base/errors.ts";
import type { Log } from "../../base/log.ts";
import { createBackoff, createFetchBudget } from "./fetch-budget.ts";
import { keysUnavailable } from "./fetch-json.ts";
import type { SigningKey } from "./signing-keys.ts";
import { createSingleFlight } from "./single-flight.ts";

/** Times of the key store, in milliseconds. The defaults follow Microsoft's "Signing key rollover". */
export interface KeyStoreTimes {
  /** After this the set is refreshed in the background. Default 1 h. */
  readonly refreshAfterMs: number;
  /** After this a set that could not be refreshed is used no more. Default 24 h. */
  readonly dropAfterMs: number;
  /** Unknown key ids may cause `missFetches` fetches in this time, failed ones aside. Default 5 min. */
  readonly missWindowMs: number;
  /** Default 3. */
  readonly missFetches: number;
}

export const defaultKeyStoreTimes: KeyStoreTimes = {
  refreshAfterMs: 3_600_000,
  dropAfterMs: 86_400_000,
  missWindowMs: 300_000,
  missFetches: 3,
};

export interface KeyStoreOptions {
  /** Loads the current set. @throws `keys_unavailable` */
  readonly load: () => Promise<readonly SigningKey[]>;
  readonly clock: Clock;
  readonly log: Log;
  readonly times?: KeyStoreTimes;
}

/** The issuer's public keys. */
export interface KeyStore {
  /**
   * The key of that id, or undefined when the issuer has none. Without an id it is the only key, if there is just
   * one.
   *
   * @throws `keys_unavailable` when that cannot be known at the moment
   */
  find(kid: string | undefined): Promise<SigningKey | undefined>;
  /** Whether a key that was found before is still the issuer's. */
  holds(key: SigningKey): boolean;
  /** Whether there is a usable set. */
  isLoaded(): boolean;
  /** Loads the set, unless one was loaded within the hour. @throws `keys_unavailable` */
  load(): Promise<void>;
}

const backoffWithoutKeysMs = 500;
const maxBackoffMs = 60_000;

interface KeySet {
  readonly keys: readonly SigningKey[];
  readonly loadedAtMs: number;
}

const noKeys: KeySet = { keys: [], loadedAtMs: Number.NEGATIVE_INFINITY };

function select(keys: KeySet["keys"], kid: string | undefined): SigningKey | undefined {
  if (kid === undefined) return keys.length === 1 ? keys[0] : undefined;
  return keys.find((key) => key.kid === kid);
}

/** The set in use and its renewal: one at a time for everybody, with a wait after a failure. */
function createCurrentSet({ load, clock, log, times = defaultKeyStoreTimes }: KeyStoreOptions) {
  let current = noKeys;
  const ageMs = () => clock.nowMs() - current.loadedAtMs;
  // An age below 0: the clock was set back since.
  const isOld = () => ageMs() >= times.refreshAfterMs || ageMs() < 0;
  const isUsable = () => current.keys.length > 0 && ageMs() < times.dropAfterMs;
  const backoff = createBackoff(clock, (failures) =>
    isUsable() ? Math.min(maxBackoffMs, 1000 * 2 ** (failures - 1)) : backoffWithoutKeysMs,
  );
  const refresh = createSingleFlight(async () => {
    try {
      const keys = await load();
      if (keys.length === 0) throw keysUnavailable("the issuer's key set has no usable key");
      current = { keys, loadedAtMs: clock.nowMs() };
      backoff.succeeded();
    } catch (error) {
      const detail = error instanceof AppError ? error.detail : String(error);
      const failures = backoff.failed();
      // In a long outage there is an attempt a second: the 1st, 2nd, 4th, 8th ... failure is told.
      const isTold = Number.isInteger(Math.log2(failures));
      log[isTold ? "warn" : "debug"](`Signing keys were not loaded (${failures} in a row): ${detail}`);
      throw error;
    }
  });
  return {
    keys: () => current.keys,
    isUsable,
    refresh,
    isWaiting: backoff.isWaiting,
    refreshIfOld() {
      if (isOld() && !backoff.isWaiting()) void refresh.run().catch(() => {});
    },
  };
}

/** Opens a key store: one refresh in flight for everybody, the last good set in outages. */
export function createKeyStore(options: KeyStoreOptions): KeyStore {
  const { clock, times = defaultKeyStoreTimes } = options;
  const { keys, isUsable, isWaiting, refresh, refreshIfOld } = createCurrentSet(options);
  const misses = createFetchBudget(clock, { count: times.missFetches, windowMs: times.missWindowMs });

  async function ensureUsable(): Promise<void> {
    if (isUsable()) return refreshIfOld();
    if (!refresh.current() && isWaiting()) throw keysUnavailable("waiting before the next attempt");
    return refresh.run();
  }

  async function refreshForMiss(): Promise<void> {
    // A refresh that began before this token came may have read the set before the key was added: wait for it,
    // the caller looks again, and only a further miss costs a fetch.
    const running = refresh.current();
    if (running) return running;
    if (isWaiting()) throw keysUnavailable("waiting before the next attempt");
    if (!misses.take()) {
      const retryAfterSeconds = times.missWindowMs / 1000;
      throw keysUnavailable("too many unknown key ids", { retryAfterSeconds });
    }
    return refresh.run().catch((error: unknown) => {
      // An outage has its own wait; its end must not find the window's fetches spent.
      misses.giveBack();
      throw error;
    });
  }

  return {
    async find(kid) {
      if (isUsable()) refreshIfOld();
      else await ensureUsable();
      // Nothing new can be learnt about a key without a name.
      if (kid === undefined) return select(keys(), kid);
      if (!select(keys(), kid) && refresh.current()) await refreshForMiss();
      if (!select(keys(), kid)) await refreshForMiss();
      return select(keys(), kid);
    },
    holds(key) {
      if (!isUsable()) return false;
      refreshIfOld();
      return keys().some(({ kid, fingerprint }) => kid === key.kid && fingerprint === key.fingerprint);
    },
    isLoaded: isUsable,
    load: ensureUsable,
  };
}
