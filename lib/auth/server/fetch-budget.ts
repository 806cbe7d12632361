import type { Clock } from "../../base/clock.ts";

/** How often something may be done in a sliding window of time. */
export interface FetchBudget {
  /** Takes one, or says that none is left. */
  take(): boolean;
  /** Gives back what was taken last. */
  giveBack(): void;
}

/** Whether that was less than so long ago. What lies ahead was before the clock was set back, and counts no more. */
function isWithin(clock: Clock, atMs: number, ms: number): boolean {
  const elapsedMs = clock.nowMs() - atMs;
  return elapsedMs >= 0 && elapsedMs < ms;
}

export function createFetchBudget(
  clock: Clock,
  limit: { readonly count: number; readonly windowMs: number },
): FetchBudget {
  let takenAtMs: number[] = [];
  return {
    take() {
      takenAtMs = takenAtMs.filter((atMs) => isWithin(clock, atMs, limit.windowMs));
      if (takenAtMs.length >= limit.count) return false;
      takenAtMs.push(clock.nowMs());
      return true;
    },
    giveBack: () => void takenAtMs.pop(),
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
    isWaiting: () => failures > 0 && isWithin(clock, failedAtMs, delayMs(failures)),
  };
}
