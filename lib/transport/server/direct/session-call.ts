import type { ProgressUpdate } from "../../../base/events.ts";
import type { Principal } from "../../../base/principal.ts";
import type { CallContext, ToolResult } from "../../../tools/toolset.ts";
import { type AdmittedRequest, idleTimeoutSeconds } from "../admitted-request.ts";
import type { CallStream } from "../legacy/call-streams.ts";
import type { RunningRequest } from "../legacy/running-requests.ts";
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
export interface CallOfSession {
  readonly session: OpenSession;
  readonly call: DirectCall;
  readonly admitted: AdmittedRequest;
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

/**
 * One call, counted as the session's other calls are. What only some of them need is made when it is needed: the
 * signal, the stream, the promise of an answer.
 */
class SessionCall implements CallContext, RunningRequest {
  readonly isAlone = true;
  readonly principal: Principal | undefined;
  readonly onProgress: ((update: ProgressUpdate) => void) | undefined;
  readonly #of: CallOfSession;
  readonly #options: SessionCallOptions;
  readonly #giveBack: () => void;
  readonly #letGo: () => void;
  readonly #endCall: () => void;
  #cancelling: AbortController | undefined;
  #isCancelled = false;
  #isWaiting = false;
  /** Absent while the answer may still be JSON. */
  #stream: CallStream | undefined;

  /** @throws `too_many_calls` */
  constructor(of: CallOfSession, options: SessionCallOptions) {
    const { session, call, admitted } = of;
    this.#of = of;
    this.#options = options;
    this.#giveBack = takeCall(options.calls, admitted.caller);
    this.#letGo = options.sessions.hold(session);
    this.#endCall = options.inFlight.begin();
    this.principal = admitted.principal;
    this.onProgress = call.progressToken === undefined ? undefined : (update) => this.#report(update);
    session.running.begin(call.id, this);
  }

  get signal(): AbortSignal {
    if (!this.#cancelling) {
      this.#cancelling = new AbortController();
      if (this.#isCancelled) this.#cancelling.abort();
    }
    return this.#cancelling.signal;
  }

  isCancelled(): boolean {
    return this.#isCancelled;
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#cancelling?.abort();
    this.#stream?.drop();
  }

  release(): void {
    this.#giveBack();
    this.#letGo();
  }

  /** JSON where the tool ends soon, else a stream. */
  answerSoon(): Response | Promise<Response> {
    const answer = this.#callTool();
    if (!(answer instanceof Promise)) return this.#finishWith(answer);
    this.#wait();
    const { promise, resolve } = Promise.withResolvers<Response>();
    const timer = setTimeout(() => resolve(this.#openStream().response), streamAfterMs);
    const finishLater = async () => {
      const later = await answer;
      clearTimeout(timer);
      if (this.#stream) this.#sendAnswer(later);
      else resolve(this.#finishWith(later));
    };
    void finishLater();
    return promise;
  }

  answerOnStream(): Response {
    this.#wait();
    const { response } = this.#openStream();
    const answer = this.#callTool();
    const send = async () => this.#sendAnswer(await answer);
    if (answer instanceof Promise) void send();
    else this.#sendAnswer(answer);
    return response;
  }

  /** Runs the tool; what fails outside of it becomes an error, and never an exception. */
  #callTool(): CallAnswer | Promise<CallAnswer> {
    const { name, args } = this.#of.call;
    try {
      const result = this.#options.tools.callNow(name, args, this);
      if (!(result instanceof Promise)) return this.#toAnswer(result);
      return result.then((later) => this.#toAnswer(later)).catch((thrown: unknown) => this.#toError(thrown));
    } catch (thrown) {
      return this.#toError(thrown);
    }
  }

  #toAnswer({ content, structuredContent, isError }: ToolResult): CallAnswer {
    return { result: { content, structuredContent, isError }, jsonrpc: "2.0", id: this.#of.call.id };
  }

  #toError(thrown: unknown): CallAnswer {
    return { jsonrpc: "2.0", id: this.#of.call.id, error: toCallError(thrown) };
  }

  #report(update: ProgressUpdate): void {
    const params = { progressToken: this.#of.call.progressToken, ...update };
    this.#stream?.send(JSON.stringify({ method: "notifications/progress", params, jsonrpc: "2.0" }));
  }

  #openStream(): CallStream {
    const { session } = this.#of;
    const { maxUnreadBytes } = this.#options;
    const onEnd = () => this.#endRequest();
    this.#stream = session.streams.open({ sessionId: session.id, maxUnreadBytes, onEnd });
    return this.#stream;
  }

  /** Lets the connection be quiet for as long as the call takes. */
  #wait(): void {
    this.#isWaiting = true;
    this.#of.admitted.limitIdle(0);
  }

  /** The request's answer has left, or cannot leave any more; maybe called twice. */
  #endRequest(): void {
    this.#endCall();
    if (this.#isWaiting) this.#of.admitted.limitIdle(idleTimeoutSeconds);
    this.#isWaiting = false;
  }

  #finishWith(answer: CallAnswer): Response {
    this.#endRequest();
    if (this.#isCancelled) return new Response(":\n\n", endedStream);
    const { session, call } = this.#of;
    session.running.end(call.id);
    return new Response(JSON.stringify(answer), { headers: session.answerHeaders() });
  }

  /** A call that was cancelled has no answer any more. A client that has gone finds it in the event store. */
  #sendAnswer(answer: CallAnswer): void {
    if (this.#isCancelled) return;
    this.#stream?.send(JSON.stringify(answer));
    this.#stream?.end();
    const { session, call } = this.#of;
    session.running.end(call.id);
  }
}

/**
 * Answers a call in a session: as JSON where it ends soon, else on a stream of the session, with its progress. A
 * client that goes away does not cancel it; the session's end and `notifications/cancelled` do.
 *
 * @throws `too_many_calls`
 * @see MCP 2025-11-25 basic/transports, "Sending Messages to the Server"
 */
export function answerSessionCall(
  of: CallOfSession,
  options: SessionCallOptions,
): Response | Promise<Response> {
  const call = new SessionCall(of, options);
  return call.onProgress ? call.answerOnStream() : call.answerSoon();
}
