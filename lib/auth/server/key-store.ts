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
  /** Unknown key ids may cause `missFetches` fetches in this time. Default 5 min. */
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

function select({ keys }: KeySet, kid: string | undefined): SigningKey | undefined {
  if (kid === undefined) return keys.length === 1 ? keys[0] : undefined;
  return keys.find((key) => key.kid === kid);
}

/** In a long outage there is an attempt a second: the 1st, 2nd, 4th, 8th ... failure is told. */
function tellFailure(log: Log, failures: number, error: unknown): void {
  const detail = error instanceof AppError ? error.detail : String(error);
  const level = Number.isInteger(Math.log2(failures)) ? "warn" : "debug";
  log[level](`Signing keys were not loaded (${failures} in a row): ${detail}`);
}

function tooManyMisses({ missWindowMs }: KeyStoreTimes): AppError {
  return keysUnavailable("too many unknown key ids", { retryAfterSeconds: missWindowMs / 1000 });
}

/** @throws `keys_unavailable` */
async function loadUsable({ load, clock }: KeyStoreOptions): Promise<KeySet> {
  const keys = await load();
  if (keys.length === 0) throw keysUnavailable("the issuer's key set has no usable key");
  return { keys, loadedAtMs: clock.nowMs() };
}

/** Opens a key store: one refresh in flight for everybody, the last good set in outages. */
export function createKeyStore(options: KeyStoreOptions): KeyStore {
  const { clock, log, times = defaultKeyStoreTimes } = options;
  let current = noKeys;

  const ageMs = () => clock.nowMs() - current.loadedAtMs;
  const isUsable = () => current.keys.length > 0 && ageMs() < times.dropAfterMs;
  const backoff = createBackoff(clock, (failures) =>
    isUsable() ? Math.min(maxBackoffMs, 1000 * 2 ** (failures - 1)) : backoffWithoutKeysMs,
  );
  const misses = createFetchBudget(clock, { count: times.missFetches, windowMs: times.missWindowMs });

  const refresh = createSingleFlight(async () => {
    try {
      current = await loadUsable(options);
      backoff.succeeded();
    } catch (error) {
      tellFailure(log, backoff.failed(), error);
      throw error;
    }
  });

  function refreshIfOld(): void {
    if (ageMs() >= times.refreshAfterMs && !backoff.isWaiting()) void refresh.run().catch(() => {});
  }

  async function ensureUsable(): Promise<void> {
    if (isUsable()) return refreshIfOld();
    if (!refresh.current() && backoff.isWaiting()) throw keysUnavailable("waiting before the next attempt");
    return refresh.run();
  }

  async function refreshForMiss(): Promise<void> {
    // A refresh that began before this token came may have read the set before the key was added: wait for it,
    // the caller looks again, and only a further miss costs a fetch.
    const running = refresh.current();
    if (running) return running;
    if (backoff.isWaiting()) throw keysUnavailable("waiting before the next attempt");
    if (!misses.take()) throw tooManyMisses(times);
    return refresh.run();
  }

  return {
    async find(kid) {
      await ensureUsable();
      // Nothing new can be learnt about a key without a name.
      if (kid === undefined) return select(current, kid);
      if (!select(current, kid) && refresh.current()) await refreshForMiss();
      if (!select(current, kid)) await refreshForMiss();
      return select(current, kid);
    },
    holds(key) {
      if (!isUsable()) return false;
      refreshIfOld();
      return current.keys.some(({ kid, fingerprint }) => kid === key.kid && fingerprint === key.fingerprint);
    },
    isLoaded: isUsable,
    load: ensureUsable,
  };
}
