import type { McpHttpHandler } from "@modelcontextprotocol/server";
import { type AdmittedRequest, idleTimeoutSeconds } from "./admitted-request.ts";
import { toAuthInfo } from "./auth-info.ts";
import type { InFlight } from "./in-flight.ts";
import type { Sessions } from "./legacy/sessions.ts";
import { readRequestIds } from "./message.ts";
import { type Slots, takeCall } from "./slots.ts";
import { isEventStream, superviseStream } from "./supervise-stream.ts";

export interface CallAnswersOptions {
  readonly sessions: Sessions;
  readonly modern: McpHttpHandler;
  /** Calls of each caller that may run at a time. */
  readonly calls: Slots;
  /** Knows what a stop has to wait for. */
  readonly inFlight: InFlight;
  readonly maxUnreadBytes: number;
}

/** A message and the family of revisions that it speaks. */
export interface RoutedMessage {
  readonly body: unknown;
  readonly isLegacy: boolean;
}

/**
 * Answers what ends by itself: everything but listening streams. A session counts its own calls, because they go
 * on when their stream breaks; a call of 2026-07-28 ends with it.
 */
export function createCallAnswers(options: CallAnswersOptions) {
  const { sessions, modern, calls, inFlight, maxUnreadBytes } = options;

  function takeSlot({ caller }: AdmittedRequest, { body, isLegacy }: RoutedMessage): () => void {
    return isLegacy || readRequestIds(body).length === 0 ? () => {} : takeCall(calls, caller);
  }

  /** @throws `too_many_calls`, `too_many_sessions` */
  return async (admitted: AdmittedRequest, message: RoutedMessage): Promise<Response> => {
    const { request, principal, limitIdle } = admitted;
    const { body, isLegacy } = message;
    const giveBack = takeSlot(admitted, message);
    const endCall = inFlight.begin();
    limitIdle(0);
    const onEnd = () => {
      giveBack();
      endCall();
      limitIdle(idleTimeoutSeconds);
    };
    try {
      const response = isLegacy
        ? await sessions.handle({ ...admitted, body })
        : await modern.fetch(request, { parsedBody: body, ...toAuthInfo(principal) });
      if (isEventStream(response)) return superviseStream(response, { onEnd, maxUnreadBytes });
      onEnd();
      return response;
    } catch (error) {
      onEnd();
      throw error;
    }
  };
}
