import type { DeniedTokens } from "../../auth/server/denied-tokens.ts";
import type { Clock } from "../../base/clock.ts";
import type { Principal } from "../../base/principal.ts";

/** Timers take at most 2^31-1 ms; a stream that should live longer is cut once in 24 days. */
const maxTimerMs = 2_147_483_647;

/** What may end a caller's right to listen. */
export interface EndOfTokenOptions {
  readonly clock: Clock;
  readonly deniedTokens?: DeniedTokens | undefined;
  /** Fires when everybody's right ends. */
  readonly stopping: AbortSignal;
}

/** A signal that fires when the caller may listen no longer; `clear` forgets the caller. */
export interface EndOfToken {
  readonly signal: AbortSignal;
  clear(): void;
}

/** Listening streams end when their token expires or is denied (DESIGN 5). */
export function watchEndOfToken(
  principal: Principal | undefined,
  { clock, deniedTokens, stopping }: EndOfTokenOptions,
): EndOfToken {
  if (!principal) return { signal: stopping, clear() {} };
  const { tokenId, expiresAtSeconds } = principal;
  const ended = new AbortController();
  const end = () => ended.abort();
  const remainingMs = Math.max(0, expiresAtSeconds * 1000 - clock.nowMs());
  const timer = setTimeout(end, Math.min(remainingMs, maxTimerMs));
  const unwatch = tokenId === undefined ? undefined : deniedTokens?.watch(tokenId, end);
  return {
    signal: AbortSignal.any([stopping, ended.signal]),
    clear() {
      clearTimeout(timer);
      unwatch?.();
    },
  };
}
