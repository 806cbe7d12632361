import { LazyAbort } from "../../../base/abort.ts";
import type { ProgressUpdate } from "../../../base/events.ts";
import type { CallContext, ToolResult } from "../../../tools/toolset.ts";
import { type AdmittedRequest, idleTimeoutSeconds } from "../admitted-request.ts";
import type { DirectTools } from "../binders.ts";
import { toCallResult } from "../call-result.ts";
import { type EventStream, openEventStream } from "../event-stream.ts";
import type { InFlight } from "../in-flight.ts";
import { type Slots, takeCall } from "../slots.ts";
import { toCallError } from "./answer.ts";
import type { DirectCall } from "./match-call.ts";

export interface DirectCallOptions {
  readonly tools: DirectTools;
  /** Calls of each caller that may run at a time. */
  readonly calls: Slots;
  /** Knows what a stop has to wait for. */
  readonly inFlight: InFlight;
  readonly maxUnreadBytes: number;
}

const json = { headers: new Headers({ "content-type": "application/json" }) };

/** Runs the tool and gives the answer's JSON; what fails outside of it becomes an error, and never an exception. */
function callTool(
  { id, name, args }: DirectCall,
  { callNow, serverInfo }: DirectTools,
  context: CallContext,
): string | Promise<string> {
  const toAnswer = (result: ToolResult) => {
    const _meta = { "io.modelcontextprotocol/serverInfo": serverInfo };
    return JSON.stringify({
      result: { ...toCallResult(result), resultType: "complete", _meta },
      jsonrpc: "2.0",
      id,
    });
  };
  const toError = (thrown: unknown) => JSON.stringify({ jsonrpc: "2.0", id, error: toCallError(thrown) });
  try {
    const result = callNow(name, args, context);
    return result instanceof Promise ? result.then(toAnswer).catch(toError) : toAnswer(result);
  } catch (thrown) {
    return toError(thrown);
  }
}

/** A call that is counted. */
interface CountedCall {
  /** Lets the connection be quiet for as long as the call takes. */
  wait(): void;
  /** Ends it; may be called twice. */
  finish(): void;
}

/** Counts a call. @throws `too_many_calls` */
function countCall(
  { caller, limitIdle }: AdmittedRequest,
  { calls, inFlight }: DirectCallOptions,
): CountedCall {
  const giveBack = takeCall(calls, caller);
  const endCall = inFlight.begin();
  let isWaiting = false;
  return {
    wait() {
      isWaiting = true;
      limitIdle(0);
    },
    finish() {
      giveBack();
      endCall();
      if (isWaiting) limitIdle(idleTimeoutSeconds);
      isWaiting = false;
    },
  };
}

/**
 * Answers a call of revision 2026-07-28: as JSON, or from its first progress on as a stream. A client that goes away
 * cancels it.
 *
 * @throws `too_many_calls`
 * @see MCP 2026-07-28 basic/transports
 */
export function answerModernCall(
  call: DirectCall,
  admitted: AdmittedRequest,
  options: DirectCallOptions,
): Response | Promise<Response> {
  const { request, principal } = admitted;
  const { progressToken } = call;
  const counted = countCall(admitted, options);
  const opened = Promise.withResolvers<Response>();
  let stream: EventStream | undefined;
  const onLost = () => {
    lost.abort();
    counted.finish();
  };
  const lost = new LazyAbort(() => {
    if (request.signal.aborted) lost.abort();
    request.signal.addEventListener("abort", onLost, { once: true });
  });
  const onProgress = (update: ProgressUpdate) => {
    if (!stream) opened.resolve((stream = openEventStream({ ...options, onLost })).response);
    const params = { progressToken, ...update };
    stream.send(JSON.stringify({ jsonrpc: "2.0", method: "notifications/progress", params }));
  };
  const finishWith = (answer: string): Response | Promise<Response> => {
    counted.finish();
    if (!stream) return new Response(answer, json);
    stream.send(answer);
    stream.end();
    return opened.promise;
  };
  const answer = callTool(call, options.tools, {
    get signal() {
      return lost.signal;
    },
    isCancelled: () => lost.isAborted,
    principal,
    onProgress: progressToken === undefined ? undefined : onProgress,
  });
  if (typeof answer === "string") return finishWith(answer);
  counted.wait();
  const finishLater = async () => opened.resolve(finishWith(await answer));
  void finishLater();
  return opened.promise;
}
