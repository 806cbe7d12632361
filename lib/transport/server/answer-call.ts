import { type AdmittedRequest, idleTimeoutSeconds } from "./admitted-request.ts";
import { toAuthInfo } from "./auth-info.ts";
import type { InFlight } from "./in-flight.ts";
import type { Sessions } from "./legacy/sessions.ts";
import { readRequestIds } from "./message.ts";
import type { ModernPath } from "./modern/modern-path.ts";
import { type Slots, takeCall } from "./slots.ts";
import { superviseAnswer } from "./supervise-stream.ts";

export interface CallAnswersOptions {
  readonly sessions: Sessions;
  readonly loadModern: () => Promise<ModernPath>;
  /** Calls of each caller that may run at a time. */
  readonly calls: Slots;
  /** Knows what a stop has to wait for. */
  readonly inFlight: InFlight;
  readonly maxUnreadBytes: number;
}

/**
 * Answers what ends by itself: everything but listening streams. A session counts its own calls, because they go
 * on when their stream breaks; a call of 2026-07-28 ends with it.
 */
export function createCallAnswers(options: CallAnswersOptions) {
  const { sessions, loadModern, calls, inFlight, maxUnreadBytes } = options;

  /** @throws `too_many_calls`, `too_many_sessions` */
  return (admitted: AdmittedRequest, body: unknown): Promise<Response> => {
    const { request, principal, caller, limitIdle } = admitted;
    // Counted before anything is waited for: a stop must not find it uncounted.
    const endCall = inFlight.begin();
    let giveBack = () => {};
    limitIdle(0);
    const start = async () => {
      const modern = await loadModern();
      if (await modern.isLegacy(request, body)) return sessions.handle({ ...admitted, body });
      if (readRequestIds(body).length > 0) giveBack = takeCall(calls, caller);
      return modern.fetch(request, { parsedBody: body, ...toAuthInfo(principal) });
    };
    const onEnd = () => {
      giveBack();
      endCall();
      limitIdle(idleTimeoutSeconds);
    };
    return superviseAnswer(start, { onEnd, maxUnreadBytes });
  };
}
