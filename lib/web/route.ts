import type { Principal } from "../base/principal.ts";
import { AppError } from "../base/errors.ts";
import { answerJson, negotiate } from "./answer.ts";
import { answerProblem } from "./problem.ts";

/** What the transport hands to a route behind the gate. */
export interface RouteCall {
  readonly request: Request;
  /** Absent where the server runs without authentication. */
  readonly principal: Principal | undefined;
  /** Reads the JSON body and answers, both within the caller's limits. */
  runCall(answer: (body: unknown) => Response | Promise<Response>): Promise<Response>;
}

/** Answers requests to a path; what it throws becomes a problem. */
export type Route = (call: RouteCall) => Response | Promise<Response>;

/** The answer to a method that a path does not take; undefined where it takes it. @see RFC 9110 section 15.5.6 */
export function refuseMethod({ method }: Request, allowed: readonly string[]): Response | undefined {
  if (allowed.includes(method)) return undefined;
  const refusal = answerProblem(new AppError("method_not_allowed", `Use ${allowed.join(" or ")}.`));
  refusal.headers.set("allow", allowed.join(", "));
  return refusal;
}

/** Answers GET and HEAD with a JSON value. @throws `not_acceptable` */
export function answerGet(request: Request, read: () => unknown): Response {
  const refusal = refuseMethod(request, ["GET", "HEAD"]);
  if (refusal) return refusal;
  negotiate(request, ["application/json"]);
  return answerJson(read());
}
