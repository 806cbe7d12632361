import type { Clock } from "../../base/clock.ts";
import { AppError } from "../../base/errors.ts";
import type { Log } from "../../base/log.ts";
import type { SigningKey } from "./signing-keys.ts";

/** Times of the key store, in milliseconds. The defaults follow Microsoft's "Signing key rollover". */
export interface KeyStoreTimes {
  /** After this the set is refreshed in the background. Default 1 h. */
  readonly refreshAfterMs: number;
  /** After this a set that could not be refreshed is used no more. Default 24 h. */
  readonly dropAfterMs: number;
  /** Unknown key ids may cause `missFetches` fetches in this time. Default 5 min. */
  readonly missWindowMs: number;
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
  readonly load: () => Promise<ReadonlyMap<string, SigningKey>>;
  readonly clock: Clock;
  readonly log: Log;
  readonly times?: KeyStoreTimes;
}

/** The issuer's public keys. */
export interface KeyStore {
  /**
   * The key of that id, or undefined when the issuer has none.
   *
   * @throws `keys_unavailable` when that cannot be known at the moment
   */
  find(kid: string): Promise<SigningKey | undefined>;
  /** Whether there is a usable set. */
  isLoaded(): boolean;
  /** Loads the set, unless one was loaded within the hour. @throws `keys_unavailable` */
  load(): Promise<void>;
}

const backoffWithoutKeysMs = 500;
const maxBackoffMs = 60_000;

/** Opens a key store: one refresh in flight for everybody, the last good set in outages. */
export function createKeyStore({
  load,
  clock,
  log,
  times = defaultKeyStoreTimes,
}: KeyStoreOptions): KeyStore {
  let keys: ReadonlyMap<string, SigningKey> = new Map();
  let loadedAtMs = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let failedAtMs = Number.NEGATIVE_INFINITY;
  let refreshing: Promise<void> | undefined;
  let missFetchesAtMs: number[] = [];

  const ageMs = () => clock.nowMs() - loadedAtMs;
  const isUsable = () => keys.size > 0 && ageMs() < times.dropAfterMs;
  const backoffMs = () =>
    isUsable() ? Math.min(maxBackoffMs, 1000 * 2 ** (failures - 1)) : backoffWithoutKeysMs;
  const isBackingOff = () => failures > 0 && clock.nowMs() - failedAtMs < backoffMs();

  async function refreshOnce(): Promise<void> {
    try {
      const loaded = await load();
      if (loaded.size === 0) throw unavailable("the issuer's key set has no usable key");
      keys = loaded;
      loadedAtMs = clock.nowMs();
      failures = 0;
    } catch (error) {
      failures++;
      failedAtMs = clock.nowMs();
      const detail = error instanceof AppError ? error.detail : String(error);
      log.warn(`Signing keys were not refreshed (${failures} in a row): ${detail}`);
      throw error;
    }
  }

  function refresh(): Promise<void> {
    refreshing ??= refreshOnce().finally(() => {
      refreshing = undefined;
    });
    return refreshing;
  }

  async function ensureUsable(): Promise<void> {
    if (isUsable()) {
      if (ageMs() >= times.refreshAfterMs && !isBackingOff()) void refresh().catch(() => {});
      return;
    }
    if (!refreshing && isBackingOff()) throw unavailable("waiting before the next attempt");
    await refresh();
  }

  /** Takes one of the fetches that unknown key ids may cause. */
  function takeMissFetch(): boolean {
    missFetchesAtMs = missFetchesAtMs.filter((atMs) => clock.nowMs() - atMs < times.missWindowMs);
    if (missFetchesAtMs.length >= times.missFetches || isBackingOff()) return false;
    missFetchesAtMs.push(clock.nowMs());
    return true;
  }

  async function refreshForMiss(): Promise<void> {
    // A refresh that began before this token came may have read the set before the key was added: wait for it,
    // the caller looks again, and only a further miss costs a fetch.
    if (refreshing) return refreshing;
    if (!takeMissFetch())
      throw unavailable("an unknown key id after too many of them", times.missWindowMs / 1000);
    return refresh();
  }

  return {
    async find(kid) {
      await ensureUsable();
      const known = keys.get(kid);
      if (known) return known;
      if (refreshing) await refreshForMiss();
      if (!keys.has(kid)) await refreshForMiss();
      return keys.get(kid);
    },
    isLoaded: isUsable,
    load: ensureUsable,
  };
}

function unavailable(detail: string, retryAfterSeconds = 1): AppError {
  return new AppError("keys_unavailable", "The signing keys of the issuer cannot be loaded at the moment.", {
    detail,
    retryAfterSeconds,
  });
}
