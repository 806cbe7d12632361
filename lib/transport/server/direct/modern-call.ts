import { createLazyAbort } from "../../../base/abort.ts";
import type { ProgressUpdate } from "../../../base/events.ts";
import { type AdmittedRequest, idleTimeoutSeconds } from "../admitted-request.ts";
import type { DirectTools } from "../binders.ts";
import type { InFlight } from "../in-flight.ts";
import { type Slots, takeCall } from "../slots.ts";
import { toCallError } from "./answer.ts";
import { type EventStream, openEventStream } from "./event-stream.ts";
import type { DirectCall } from "./match-call.ts";

export interface DirectCallOptions {
  readonly tools: DirectTools;
  /** Calls of each caller that may run at a time. */
  readonly calls: Slots;
  /** Knows what a stop has to wait for. */
  readonly inFlight: InFlight;
  readonly maxUnreadBytes: number;
}

const json = { headers: { "content-type": "application/json" } } as const;

/** Runs the tool; what fails outside of it becomes an error, and never an exception. */
async function callTool(
  { id, name, args }: DirectCall,
  tools: DirectTools,
  context: Parameters<DirectTools["call"]>[2],
): Promise<object> {
  try {
    const result = await tools.call(name, args, context);
    const _meta = { "io.modelcontextprotocol/serverInfo": tools.serverInfo };
    return { result: { ...result, resultType: "complete", _meta }, jsonrpc: "2.0", id };
  } catch (thrown) {
    return { jsonrpc: "2.0", id, error: toCallError(thrown) };
  }
}

/** Counts a call; the returned function, which may be called twice, ends it. */
function beginCall(
  { caller, limitIdle }: AdmittedRequest,
  { calls, inFlight }: DirectCallOptions,
): () => void {
  const giveBack = takeCall(calls, caller);
  const endCall = inFlight.begin();
  limitIdle(0);
  let isRunning = true;
  return () => {
    if (!isRunning) return;
    isRunning = false;
    giveBack();
    endCall();
    limitIdle(idleTimeoutSeconds);
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
): Promise<Response> {
  const { request, principal } = admitted;
  const { progressToken } = call;
  const finish = beginCall(admitted, options);
  const { promise, resolve } = Promise.withResolvers<Response>();
  let stream: EventStream | undefined;
  const onLost = () => {
    lost.abort();
    finish();
  };
  const lost = createLazyAbort(() => {
    if (request.signal.aborted) lost.abort();
    request.signal.addEventListener("abort", onLost, { once: true });
  });
  const onProgress = (update: ProgressUpdate) => {
    if (!stream) resolve((stream = openEventStream({ ...options, onLost })).response);
    const params = { progressToken, ...update };
    stream.send({ jsonrpc: "2.0", method: "notifications/progress", params });
  };
  const context = {
    get signal() {
      return lost.signal;
    },
    isCancelled: () => lost.isAborted,
    principal,
    onProgress: progressToken === undefined ? undefined : onProgress,
  };
  void callTool(call, options.tools, context).then((answer) => {
    if (stream) {
      stream.send(answer);
      stream.end();
    } else resolve(new Response(JSON.stringify(answer), json));
    finish();
  });
  return promise;
}
