import type { Clock } from "../../base/clock.ts";

/** How often something may happen: a bucket of tokens that is refilled evenly. */
export interface RateLimit {
  /** Tokens that come back in a second; 0 switches the limit off. */
  readonly perSecond: number;
  /** Tokens of a full bucket: what may happen at once. At least 1. */
  readonly burst: number;
}

export interface RateLimiterOptions {
  readonly rate: RateLimit;
  readonly clock: Clock;
  /** Keys that are remembered; beyond it the one unused for longest is forgotten. Default 65 536. */
  readonly maxKeys?: number;
}

/** Counts what each key does. */
export interface RateLimiter {
  /**
   * Takes a token of that key.
   *
   * @returns undefined, or the whole seconds after which there is one again
   */
  take(key: string): number | undefined;
  /** Keys that are remembered. */
  size(): number;
}

/**
 * Opens one bucket for each key. A bucket is one number, the time at which it will be full again: tokens are not
 * counted, so that nothing has to be refilled. Full buckets are forgotten.
 *
 * It counts in this process alone: several replicas let through as many times the rate.
 */
export function createRateLimiter({ rate, clock, maxKeys = 65_536 }: RateLimiterOptions): RateLimiter {
  const { perSecond, burst } = rate;
  if (perSecond <= 0) return { take: () => undefined, size: () => 0 };
  const costMs = 1000 / perSecond;
  /** Least recently used first. */
  const fullAtMs = new Map<string, number>();

  function forgetFull(nowMs: number): void {
    for (const [key, fullMs] of fullAtMs) {
      if (fullMs > nowMs && fullAtMs.size <= maxKeys) return;
      fullAtMs.delete(key);
    }
  }

  return {
    take(key) {
      const nowMs = clock.nowMs();
      const nextMs = Math.max(nowMs, fullAtMs.get(key) ?? 0) + costMs;
      const missingMs = nextMs - burst * costMs - nowMs;
      // Sums of fractions of a millisecond are not exact.
      if (missingMs > 1e-3) return Math.max(1, Math.ceil(missingMs / 1000));
      fullAtMs.delete(key);
      fullAtMs.set(key, nextMs);
      forgetFull(nowMs);
      return undefined;
    },
    size: () => fullAtMs.size,
  };
}
