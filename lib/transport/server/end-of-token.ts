import type { Clock } from "../../base/clock.ts";
import type { Principal } from "../../base/principal.ts";

/** Timers take at most 2^31-1 ms; a stream that should live longer is cut once in 24 days. */
const maxTimerMs = 2_147_483_647;

/** A signal that fires with another one or when the caller's token expires; `clear` forgets the expiry. */
export interface EndOfToken {
  readonly signal: AbortSignal;
  clear(): void;
}

/** Listening streams end when their token does (DESIGN 5). */
export function watchEndOfToken(
  principal: Principal | undefined,
  clock: Clock,
  other: AbortSignal,
): EndOfToken {
  if (!principal) return { signal: other, clear() {} };
  const expiry = new AbortController();
  const remainingMs = Math.max(0, principal.expiresAtSeconds * 1000 - clock.nowMs());
  const timer = setTimeout(() => expiry.abort(), Math.min(remainingMs, maxTimerMs));
  return { signal: AbortSignal.any([other, expiry.signal]), clear: () => clearTimeout(timer) };
}
