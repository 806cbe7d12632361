import type { Clock } from "../../base/clock.ts";

/** How often something may be done in a sliding window of time. */
export interface FetchBudget {
  /** Takes one, or says that none is left. */
  take(): boolean;
}

export function createFetchBudget(
  clock: Clock,
  limit: { readonly count: number; readonly windowMs: number },
): FetchBudget {
  let takenAtMs: number[] = [];
  return {
    take() {
      takenAtMs = takenAtMs.filter((atMs) => clock.nowMs() - atMs < limit.windowMs);
      if (takenAtMs.length >= limit.count) return false;
      takenAtMs.push(clock.nowMs());
      return true;
    },
  };
}

/** Waits longer after each failure. */
export interface Backoff {
  succeeded(): void;
  /** @returns how many failures there were in a row */
  failed(): number;
  /** Whether it is too early to try again. */
  isWaiting(): boolean;
}

/** @param delayMs milliseconds to wait after so many failures in a row */
export function createBackoff(clock: Clock, delayMs: (failures: number) => number): Backoff {
  let failures = 0;
  let failedAtMs = Number.NEGATIVE_INFINITY;
  return {
    succeeded() {
      failures = 0;
    },
    failed() {
      failedAtMs = clock.nowMs();
      return ++failures;
    },
    isWaiting: () => failures > 0 && clock.nowMs() - failedAtMs < delayMs(failures),
  };
}
