import { LazyAbort } from "../../../base/abort.ts";
import type { ProgressUpdate } from "../../../base/events.ts";
import type { CallContext, ToolResult } from "../../../tools/toolset.ts";
import { type AdmittedRequest, idleTimeoutSeconds } from "../admitted-request.ts";
import { toCallResult } from "../call-result.ts";
import type { CallStream } from "../legacy/call-streams.ts";
import type { OpenSession, Sessions } from "../legacy/sessions.ts";
import type { RequestId } from "../message.ts";
import { takeCall } from "../slots.ts";
import { toCallError } from "./answer.ts";
import type { DirectCall } from "./match-call.ts";
import type { DirectCallOptions } from "./modern-call.ts";

export interface SessionCallOptions extends DirectCallOptions {
  readonly sessions: Sessions;
}

/** One call in its session. */
export interface SessionCall {
  readonly session: OpenSession;
  readonly call: DirectCall;
  readonly admitted: AdmittedRequest;
}

/** A call that is counted and can be cancelled. */
interface RunningCall extends SessionCall {
  readonly options: SessionCallOptions;
  readonly cancelling: LazyAbort;
  /** Lets the connection be quiet for as long as the call takes. */
  readonly wait: () => void;
  /** Called when the request's answer has left, or cannot leave any more; maybe twice. */
  readonly onEnd: () => void;
  /** Absent while the answer may still be JSON. */
  stream?: CallStream;
}

/** After this, in milliseconds, the answer becomes a stream, so that it can be asked for again. */
const streamAfterMs = 250;

/** What a stream that ends without an answer looks like: its call was cancelled. */
const endedStream = {
  headers: { "content-type": "text/event-stream", "cache-control": "no-cache, no-transform" },
};

/** A JSON-RPC answer. */
type CallAnswer =
  | { readonly jsonrpc: "2.0"; readonly id: RequestId; readonly result: { [member: string]: unknown } }
  | {
      readonly jsonrpc: "2.0";
      readonly id: RequestId;
      readonly error: { readonly code: number; readonly message: string };
    };

/** Runs the tool; what fails outside of it becomes an error, and never an exception. */
function callTool(running: RunningCall): CallAnswer | Promise<CallAnswer> {
  const { call, admitted, options, cancelling } = running;
  const { id, name, args, progressToken } = call;
  const onProgress = (update: ProgressUpdate) => {
    const params = { progressToken, ...update };
    running.stream?.send(JSON.stringify({ method: "notifications/progress", params, jsonrpc: "2.0" }));
  };
  const toAnswer = (result: ToolResult) => ({ result: toCallResult(result), jsonrpc: "2.0", id }) as const;
  const toError = (thrown: unknown) => ({ jsonrpc: "2.0", id, error: toCallError(thrown) }) as const;
  const context: CallContext = {
    get signal() {
      return cancelling.signal;
    },
    isCancelled: () => cancelling.isAborted,
    principal: admitted.principal,
    onProgress: progressToken === undefined ? undefined : onProgress,
  };
  try {
    const result = options.tools.callNow(name, args, context);
    return result instanceof Promise ? result.then(toAnswer).catch(toError) : toAnswer(result);
  } catch (thrown) {
    return toError(thrown);
  }
}

/** Counts the call as the session's other calls are. @throws `too_many_calls` */
function beginCall(sessionCall: SessionCall, options: SessionCallOptions): RunningCall {
  const { session, call, admitted } = sessionCall;
  const giveBack = takeCall(options.calls, admitted.caller);
  const letGo = options.sessions.hold(session);
  const release = () => {
    giveBack();
    letGo();
  };
  const cancelling = new LazyAbort();
  const cancel = () => {
    cancelling.abort();
    running.stream?.drop();
  };
  session.running.begin(call.id, { isAlone: true, release, cancel });
  const endCall = options.inFlight.begin();
  let isWaiting = false;
  const wait = () => {
    isWaiting = true;
    admitted.limitIdle(0);
  };
  const onEnd = () => {
    endCall();
    if (isWaiting) admitted.limitIdle(idleTimeoutSeconds);
    isWaiting = false;
  };
  const running: RunningCall = { ...sessionCall, options, cancelling, wait, onEnd };
  return running;
}

function openStream(running: RunningCall): CallStream {
  const { session, options, onEnd } = running;
  const { maxUnreadBytes } = options;
  return (running.stream = session.streams.open({ sessionId: session.id, maxUnreadBytes, onEnd }));
}

/** A call that was cancelled has no answer any more. A client that has gone finds it in the event store. */
function sendAnswer({ session, call, cancelling, stream }: RunningCall, answer: CallAnswer): void {
  if (cancelling.isAborted) return;
  stream?.send(JSON.stringify(answer));
  stream?.end();
  session.running.end(call.id);
}

function toJson({ session, cancelling }: RunningCall, answer: CallAnswer): Response {
  if (cancelling.isAborted) return new Response(":\n\n", endedStream);
  const headers = { "content-type": "application/json", "mcp-session-id": session.id };
  return new Response(JSON.stringify(answer), { headers });
}

function answerOnStream(running: RunningCall): Response {
  running.wait();
  const { response } = openStream(running);
  const answer = callTool(running);
  if (answer instanceof Promise) void answer.then((later) => sendAnswer(running, later));
  else sendAnswer(running, answer);
  return response;
}

function answerSoon(running: RunningCall): Response | Promise<Response> {
  const finishWith = (answer: CallAnswer): Response => {
    running.session.running.end(running.call.id);
    running.onEnd();
    return toJson(running, answer);
  };
  const answer = callTool(running);
  if (!(answer instanceof Promise)) return finishWith(answer);
  running.wait();
  const { promise, resolve } = Promise.withResolvers<Response>();
  const timer = setTimeout(() => resolve(openStream(running).response), streamAfterMs);
  const finishLater = async () => {
    const later = await answer;
    clearTimeout(timer);
    if (running.stream) sendAnswer(running, later);
    else resolve(finishWith(later));
  };
  void finishLater();
  return promise;
}

/**
 * Answers a call in a session: as JSON where it ends soon, else on a stream of the session, with its progress. A
 * client that goes away does not cancel it; the session's end and `notifications/cancelled` do.
 *
 * @throws `too_many_calls`
 * @see MCP 2025-11-25 basic/transports, "Sending Messages to the Server"
 */
export function answerSessionCall(
  sessionCall: SessionCall,
  options: SessionCallOptions,
): Response | Promise<Response> {
  const running = beginCall(sessionCall, options);
  return running.call.progressToken === undefined ? answerSoon(running) : answerOnStream(running);
}
