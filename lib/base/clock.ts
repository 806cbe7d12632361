/** The source of time. Injected wherever time decides something, so that tests need not wait. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
}

/** The machine's clock. */
export const systemClock: Clock = { nowMs: () => Date.now() };

/** Whole seconds since the Unix epoch, as tokens count time (RFC 7519 NumericDate). */
export function nowSeconds(clock: Clock): number {
  return Math.floor(clock.nowMs() / 1000);
}
