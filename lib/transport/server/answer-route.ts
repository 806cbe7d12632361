import { AppError } from "../../base/errors.ts";
import { type AdmittedRequest, idleTimeoutSeconds } from "./admitted-request.ts";
import type { TransportLimits } from "./limits.ts";
import type { ProtectedRoute } from "./routes.ts";
import type { SharedCalls } from "./shared-calls.ts";
import { takeCall } from "./slots.ts";
import { superviseAnswer } from "./supervise-stream.ts";

export interface RouteAnswersOptions {
  /** Those of `/mcp`. */
  readonly shared: SharedCalls;
  readonly limits: Pick<TransportLimits, "caller">;
}

/** Answers requests to routes beside `/mcp`, with the same limits. */
export type RouteAnswers = (admitted: AdmittedRequest, route: ProtectedRoute) => Response | Promise<Response>;

/** Hands requests to their routes, with a way to run calls that keeps the limits. */
export function createRouteAnswers({ shared, limits }: RouteAnswersOptions): RouteAnswers {
  const { calls, inFlight, readBody, stopping } = shared;
  const { maxUnreadBytes } = limits.caller;

  function runCall(
    { caller, limitIdle }: AdmittedRequest,
    answer: () => Response | Promise<Response>,
  ): Response | Promise<Response> {
    if (stopping.signal.aborted) {
      throw new AppError("shutting_down", "The server is stopping.", { retryAfterSeconds: 5 });
    }
    const giveBack = takeCall(calls, caller);
    const endCall = inFlight.begin();
    let isWaiting = false;
    const onEnd = () => {
      giveBack();
      endCall();
      if (isWaiting) limitIdle(idleTimeoutSeconds);
    };
    try {
      const answered = answer();
      if (answered instanceof Promise) {
        isWaiting = true;
        limitIdle(0);
        return superviseAnswer(() => answered, { onEnd, maxUnreadBytes });
      }
      onEnd();
      return answered;
    } catch (error) {
      onEnd();
      throw error;
    }
  }

  return (admitted, route) => {
    const { request, principal } = admitted;
    return route({
      request,
      principal,
      runCall: (answer) => readBody(admitted, (body) => runCall(admitted, () => answer(body))),
    });
  };
}
