import { AppError } from "../../base/errors.ts";
import { type AdmittedRequest, idleTimeoutSeconds } from "./admitted-request.ts";
import type { TransportLimits } from "./limits.ts";
import type { ProtectedRoute, RouteCall } from "./routes.ts";
import type { SharedCalls } from "./shared-calls.ts";
import { takeCall } from "./slots.ts";
import { superviseAnswer } from "./supervise-stream.ts";

export interface RouteAnswersOptions {
  /** Those of `/mcp`. */
  readonly shared: SharedCalls;
  readonly limits: Pick<TransportLimits, "caller">;
}

/** Answers requests to routes beside `/mcp`, with the same limits. */
export type RouteAnswers = (admitted: AdmittedRequest, route: ProtectedRoute) => Promise<Response>;

/** Hands requests to their routes, with a way to run calls that keeps the limits. */
export function createRouteAnswers({ shared, limits }: RouteAnswersOptions): RouteAnswers {
  const { calls, inFlight, readBody, stopping } = shared;
  const { maxUnreadBytes } = limits.caller;

  function runCall(
    admitted: AdmittedRequest,
    answer: (body: unknown) => Promise<Response>,
  ): Promise<Response> {
    const { caller, limitIdle } = admitted;
    return readBody(admitted, (body) => {
      if (stopping.signal.aborted) {
        throw new AppError("shutting_down", "The server is stopping.", { retryAfterSeconds: 5 });
      }
      const giveBack = takeCall(calls, caller);
      const endCall = inFlight.begin();
      limitIdle(0);
      const onEnd = () => {
        giveBack();
        endCall();
        limitIdle(idleTimeoutSeconds);
      };
      return superviseAnswer(() => answer(body), { onEnd, maxUnreadBytes });
    });
  }

  return async (admitted, route) => {
    const { request, principal } = admitted;
    const call: RouteCall = { request, principal, runCall: (answer) => runCall(admitted, answer) };
    return route(call);
  };
}
