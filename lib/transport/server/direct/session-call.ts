import { createLazyAbort, type LazyAbort } from "../../../base/abort.ts";
import { type AdmittedRequest, idleTimeoutSeconds } from "../admitted-request.ts";
import { passOn } from "../legacy/session-request.ts";
import type { OpenSession, Sessions } from "../legacy/sessions.ts";
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
  /** Called when the request's answer has left, or cannot leave any more. */
  readonly onEnd: () => void;
}

/** After this, in milliseconds, the answer becomes a stream, so that it can be asked for again. */
const streamAfterMs = 250;

/** What a stream that ends without an answer looks like: its call was cancelled. */
const endedStream = {
  headers: { "content-type": "text/event-stream", "cache-control": "no-cache, no-transform" },
};

/** Runs the tool; what fails outside of it becomes an error, and never an exception. */
async function callTool({ call, session, admitted, options, cancelling }: RunningCall) {
  const { id, name, args, progressToken } = call;
  const { onProgress, flush } = createProgressSender(progressToken, (params) =>
    session.transport.send(
      { method: "notifications/progress", params, jsonrpc: "2.0" },
      { relatedRequestId: id },
    ),
  );
  const context = {
    get signal() {
      return cancelling.signal;
    },
    isCancelled: () => cancelling.isAborted,
    principal: admitted.principal,
    onProgress,
  };
  try {
    const result = await options.tools.call(name, args, context);
    await flush();
    return { result: { ...result, content: [...result.content] }, jsonrpc: "2.0", id } as const;
  } catch (thrown) {
    return { jsonrpc: "2.0", id, error: toCallError(thrown) } as const;
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
  const cancelling = createLazyAbort();
  session.running.begin(call.id, { isAlone: true, release, cancel: cancelling.abort });
  const endCall = options.inFlight.begin();
  admitted.limitIdle(0);
  const onEnd = () => {
    endCall();
    admitted.limitIdle(idleTimeoutSeconds);
  };
  return { ...sessionCall, options, cancelling, onEnd };
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

type CallAnswer = Awaited<ReturnType<typeof callTool>>;

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
  const response = await openStream(running);
  void callTool(running).then((answer) => sendAnswer(running, answer));
  return response;
}

function answerSoon(running: RunningCall): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  let stream: Promise<Response> | undefined;
  const timer = setTimeout(() => {
    stream = openStream(running);
    stream.then(resolve, reject);
  }, streamAfterMs);
  void callTool(running).then(async (answer) => {
    clearTimeout(timer);
    if (stream) {
      await stream.catch(() => {});
      return sendAnswer(running, answer);
    }
    running.session.running.end(running.call.id);
    running.onEnd();
    resolve(toJson(running, answer));
  });
  return promise;
}

/**
 * Answers a call in a session: as JSON where it ends soon, else on a stream of the session, with its progress. A
 * client that goes away does not cancel it; the session's end and `notifications/cancelled` do.
 *
 * @throws `too_many_calls`
 * @see MCP 2025-11-25 basic/transports, "Sending Messages to the Server"
 */
export function answerSessionCall(sessionCall: SessionCall, options: SessionCallOptions): Promise<Response> {
  const running = beginCall(sessionCall, options);
  return running.call.progressToken === undefined ? answerSoon(running) : answerOnStream(running);
}
