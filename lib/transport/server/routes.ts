import type { Principal } from "../../base/principal.ts";
import type { RefusalWriter } from "./refusal-writer.ts";

/** One request to a route, behind the gate. */
export interface RouteCall {
  readonly request: Request;
  /** Absent where the server runs without authentication. */
  readonly principal: Principal | undefined;
  /**
   * Answers as a call: reads the JSON body within its limits, takes one of the caller's calls, is waited for when
   * the server stops, and watches over the answer where it is a stream, whose feeder is cancelled with it. Streams
   * come as promises; what comes at once is whole.
   *
   * @throws `unsupported_media_type`, `invalid_json`, `body_too_large`, `body_timeout`, `too_many_calls`,
   *   `shutting_down`, ..., and what `answer` throws
   */
  runCall(answer: (body: unknown) => Response | Promise<Response>): Promise<Response>;
}

/** Answers requests to a path, of whatever method. What it throws is written by {@link Routes.refusals}. */
export type ProtectedRoute = (call: RouteCall) => Response | Promise<Response>;

/** What is served beside `/mcp`. Paths have no slash at their end. */
export interface Routes {
  /** Answers without a token, after the gate's door; undefined where the path is not open. */
  open(request: Request, path: string): Response | undefined;
  /** The route behind the whole gate; undefined where there is none at the path. */
  protected(path: string): ProtectedRoute | undefined;
  /** How refusals are written at that path; undefined for the default, {@link rpcRefusals}. */
  refusals(path: string): RefusalWriter | undefined;
}
