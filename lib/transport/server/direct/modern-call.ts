import type { ProgressUpdate } from "../../../base/events.ts";
import type { Principal } from "../../../base/principal.ts";
import type { CallContext, ToolResult } from "../../../tools/toolset.ts";
import { type AdmittedRequest, idleTimeoutSeconds } from "../admitted-request.ts";
import type { DirectTools } from "../binders.ts";
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

/**
 * One call, counted from its beginning to its end. What only some of them need is made when it is needed: the signal,
 * the stream, the promise of an answer.
 */
class ModernCall implements CallContext {
  readonly principal: Principal | undefined;
  readonly onProgress: ((update: ProgressUpdate) => void) | undefined;
  readonly #call: DirectCall;
  readonly #admitted: AdmittedRequest;
  readonly #options: DirectCallOptions;
  readonly #giveBack: () => void;
  readonly #endCall: () => void;
  #cancelling: AbortController | undefined;
  #isLost = false;
  #stream: EventStream | undefined;
  #opened: PromiseWithResolvers<Response> | undefined;

  /** @throws `too_many_calls` */
  constructor(call: DirectCall, admitted: AdmittedRequest, options: DirectCallOptions) {
    this.#call = call;
    this.#admitted = admitted;
    this.#options = options;
    this.#giveBack = takeCall(options.calls, admitted.caller);
    this.#endCall = options.inFlight.begin();
    this.principal = admitted.principal;
    this.onProgress = call.progressToken === undefined ? undefined : (update) => this.#report(update);
  }

  get signal(): AbortSignal {
    return (this.#cancelling ?? this.#watchCaller()).signal;
  }

  isCancelled(): boolean {
    return this.#isLost;
  }

  run(): Response | Promise<Response> {
    const answer = this.#callTool();
    if (typeof answer === "string") return this.#finishWith(answer);
    // The connection may be quiet for as long as the call takes.
    this.#admitted.limitIdle(0);
    this.#opened ??= Promise.withResolvers();
    const { promise, resolve } = this.#opened;
    const finishLater = async () => {
      const later = await answer;
      this.#admitted.limitIdle(idleTimeoutSeconds);
      resolve(this.#finishWith(later));
    };
    void finishLater();
    return promise;
  }

  /** The answer's JSON; what fails outside of the tool becomes an error, and never an exception. */
  #callTool(): string | Promise<string> {
    const { name, args } = this.#call;
    try {
      const result = this.#options.tools.callNow(name, args, this);
      if (!(result instanceof Promise)) return this.#toAnswer(result);
      return result.then((later) => this.#toAnswer(later)).catch((thrown: unknown) => this.#toError(thrown));
    } catch (thrown) {
      return this.#toError(thrown);
    }
  }

  #toAnswer({ content, structuredContent, isError }: ToolResult): string {
    const _meta = { "io.modelcontextprotocol/serverInfo": this.#options.tools.serverInfo };
    const result = { content, structuredContent, isError, resultType: "complete", _meta };
    return JSON.stringify({ result, jsonrpc: "2.0", id: this.#call.id });
  }

  #toError(thrown: unknown): string {
    return JSON.stringify({ jsonrpc: "2.0", id: this.#call.id, error: toCallError(thrown) });
  }

  #report(update: ProgressUpdate): void {
    const params = { progressToken: this.#call.progressToken, ...update };
    this.#openStream().send(JSON.stringify({ jsonrpc: "2.0", method: "notifications/progress", params }));
  }

  #openStream(): EventStream {
    if (this.#stream) return this.#stream;
    this.#stream = openEventStream({ ...this.#options, onLost: () => this.#lose() });
    this.#opened ??= Promise.withResolvers();
    this.#opened.resolve(this.#stream.response);
    return this.#stream;
  }

  #finishWith(answer: string): Response {
    this.#release();
    if (!this.#stream) return new Response(answer, json);
    this.#stream.send(answer);
    this.#stream.end();
    return this.#stream.response;
  }

  #watchCaller(): AbortController {
    this.#cancelling = new AbortController();
    const { signal } = this.#admitted.request;
    if (signal.aborted) this.#lose();
    signal.addEventListener("abort", () => this.#lose(), { once: true });
    return this.#cancelling;
  }

  #lose(): void {
    this.#isLost = true;
    this.#cancelling?.abort();
    this.#release();
  }

  #release(): void {
    this.#giveBack();
    this.#endCall();
  }
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
  return new ModernCall(call, admitted, options).run();
}
