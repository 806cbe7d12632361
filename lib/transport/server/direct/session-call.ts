import { LazyAbort } from "../../../base/abort.ts";
import type { CallContext, ToolResult } from "../../../tools/toolset.ts";
import { type AdmittedRequest, idleTimeoutSeconds } from "../admitted-request.ts";
import { toCallResult } from "../call-result.ts";
import { passOn } from "../legacy/session-request.ts";
import type { OpenSession, Sessions } from "../legacy/sessions.ts";
import type { RequestId } from "../message.ts";
import { createProgressSender } from "../progress-sender.ts";
import { takeCall } from "../slots.ts";
import { isEventStream, superviseStream } from "../supervise-stream.ts";
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
  /** The message, for the SDK, which opens the stream where there is one. */
  readonly body: unknown;
}

/** A call that is counted and can be cancelled. */
interface RunningCall extends SessionCall {
  readonly options: SessionCallOptions;
  readonly cancelling: LazyAbort;
  /** Lets the connection be quiet for as long as the call takes. */
  readonly wait: () => void;
  /** Called when the request's answer has left, or cannot leave any more. */
  readonly onEnd: () => void;
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
function callTool({
  call,
  session,
  admitted,
  options,
  cancelling,
}: RunningCall): CallAnswer | Promise<CallAnswer> {
  const { id, name, args, progressToken } = call;
  const { onProgress, flush } = createProgressSender(progressToken, (params) =>
    session.transport.send(
      { method: "notifications/progress", params, jsonrpc: "2.0" },
      { relatedRequestId: id },
    ),
  );
  const toAnswer = (result: ToolResult) => ({ result: toCallResult(result), jsonrpc: "2.0", id }) as const;
  const toError = (thrown: unknown) => ({ jsonrpc: "2.0", id, error: toCallError(thrown) }) as const;
  const context: CallContext = {
    get signal() {
      return cancelling.signal;
    },
    isCancelled: () => cancelling.isAborted,
    principal: admitted.principal,
    onProgress,
  };
  try {
    const result = options.tools.callNow(name, args, context);
    if (!(result instanceof Promise) && !onProgress) return toAnswer(result);
    return Promise.resolve(result)
      .then((later) => flush().then(() => toAnswer(later)))
      .catch(toError);
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
  session.running.begin(call.id, { isAlone: true, release, cancel: () => cancelling.abort() });
  const endCall = options.inFlight.begin();
  let isWaiting = false;
  const wait = () => {
    isWaiting = true;
    admitted.limitIdle(0);
  };
  const onEnd = () => {
    endCall();
    if (isWaiting) admitted.limitIdle(idleTimeoutSeconds);
  };
  return { ...sessionCall, options, cancelling, wait, onEnd };
}

/** Lets the SDK open the request's stream. */
async function openStream({ session, call, admitted, body, ...running }: RunningCall): Promise<Response> {
  const { onEnd, options, cancelling } = running;
  const { transport } = session;
  let response: Response | undefined;
  try {
    response = await transport.openStream(call.id, () => passOn(transport, { ...admitted, body }));
  } finally {
    // Without a stream there is nobody to answer: the session has ended meanwhile.
    if (!response || !isEventStream(response)) {
      cancelling.abort();
      session.running.end(call.id);
      onEnd();
    }
  }
  if (!isEventStream(response)) return response;
  return superviseStream(response, { onEnd, maxUnreadBytes: options.maxUnreadBytes });
}

/** A call that was cancelled has no answer any more. A client that has gone finds it in the event store. */
async function sendAnswer({ session, cancelling }: RunningCall, answer: CallAnswer): Promise<void> {
  if (!cancelling.isAborted) await session.transport.send(answer).catch(() => {});
}

function toJson({ session, cancelling }: RunningCall, answer: CallAnswer): Response {
  if (cancelling.isAborted) return new Response(":\n\n", endedStream);
  const headers = { "content-type": "application/json", "mcp-session-id": session.id };
  return new Response(JSON.stringify(answer), { headers });
}

async function answerOnStream(running: RunningCall): Promise<Response> {
  running.wait();
  const response = await openStream(running);
  void Promise.resolve(callTool(running)).then((answer) => sendAnswer(running, answer));
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
  let stream: Promise<Response> | undefined;
  const timer = setTimeout(() => resolve((stream = openStream(running))), streamAfterMs);
  const finishLater = async () => {
    const later = await answer;
    clearTimeout(timer);
    if (!stream) return resolve(finishWith(later));
    await stream.catch(() => {});
    return sendAnswer(running, later);
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
