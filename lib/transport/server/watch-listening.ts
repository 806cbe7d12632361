import type { DeniedTokens } from "../../auth/server/denied-tokens.ts";
import type { Clock } from "../../base/clock.ts";
import { AppError } from "../../base/errors.ts";
import { type AdmittedRequest, idleTimeoutSeconds } from "./admitted-request.ts";
import { watchEndOfToken } from "./end-of-token.ts";
import type { TransportLimits } from "./limits.ts";
import { createSlots } from "./slots.ts";
import type { Supervision } from "./supervise-stream.ts";

export interface ListeningWatchOptions {
  readonly clock: Clock;
  readonly deniedTokens?: DeniedTokens | undefined;
  readonly limits: Pick<TransportLimits, "caller">;
  /** Fires when the server stops. */
  readonly stopping: AbortSignal;
}

/** How a listening stream is watched over: `endSignal` says when it must end. */
export type ListeningSupervision = Required<Supervision> & { readonly endSignal: AbortSignal };

/**
 * Watches over streams that stay open without a call behind them: they end with the server or with their
 * caller's token, and a caller has a number of them at most.
 */
export function createListeningWatch({ clock, deniedTokens, limits, stopping }: ListeningWatchOptions) {
  const { maxStreams, maxUnreadBytes } = limits.caller;
  const streams = createSlots(maxStreams);

  /** @throws `too_many_streams` */
  return ({ principal, caller, limitIdle }: AdmittedRequest): ListeningSupervision => {
    const giveBack = streams.take(caller);
    if (!giveBack) {
      const message = "You have too many streams open at a time.";
      throw new AppError("too_many_streams", message, { retryAfterSeconds: 1 });
    }
    limitIdle(0);
    const { signal: endSignal, clear } = watchEndOfToken(principal, { clock, deniedTokens, stopping });
    const onEnd = () => {
      giveBack();
      clear();
      limitIdle(idleTimeoutSeconds);
    };
    return { endSignal, onEnd, maxUnreadBytes };
  };
}
