import type { AsyncLocalStorage } from "node:async_hooks";
import { limitTime, sleep } from "../../base/abort.ts";
import type { Clock } from "../../base/clock.ts";
import { AppError } from "../../base/errors.ts";
import { quote } from "../../base/text.ts";
import { verifiedFetch } from "../../base/verified-fetch.ts";
import { withExtraHeaders } from "./extra-headers.ts";
import { pauseForTokens, sendAuthorized } from "./authorize.ts";
import { checkJsonAnswer, checkStatus, notMcp } from "./check-answer.ts";
import type { AccessTokens, ExtraHeaders } from "./contract.ts";
import { describeOutgoing, type OutgoingMessage } from "./json-rpc.ts";
import { isClosedUnanswered } from "../../base/network-error.ts";
import { connectionLost, explainNetworkError } from "./network-error.ts";
import type { Operation } from "./operation.ts";
import { quoteRemote, readText } from "./remote-text.ts";
import { capEvents, watchStream } from "./watch-stream.ts";

/** No answer, and no event of a stream, may be larger. */
const maxAnswerBytes = 64 * 1024 * 1024;
/** After this long without traffic the server may be closing the connection that we hold (Node: 5 s). */
const keepAliveTrustMs = 4000;
/** A cancellation and the end of a session are told to the server, but nobody waits long for its answer. */
const farewellLimitMs = 2000;
/** So many answers to the server's own questions may be on their way: who asks more than it hears gets no others. */
const maxAnswering = 100;
/** How often the SDK tries to take a broken stream up again. */
export const maxResumes = 4;

/** What an exchange works with. */
export interface ExchangeOptions {
  readonly endpoint: URL;
  readonly tokens: AccessTokens | undefined;
  /** One revision is insisted on; then a refused probe is a failure. */
  readonly isPinned: boolean;
  /** Says which operation a request belongs to; the SDK has no place to carry it. */
  readonly operations: AsyncLocalStorage<Operation>;
  readonly clock: Clock;
  /** Sent with every request. */
  readonly headers?: ExtraHeaders | undefined;
  /** The server's own error answers are passed on, whatever status they came with. */
  readonly wantsErrors?: boolean | undefined;
}

interface Outgoing {
  readonly url: URL;
  readonly init: RequestInit;
  readonly headers: Headers;
  readonly signal: AbortSignal;
  /** Told to the server in passing: nobody waits for it. */
  readonly isAside?: boolean;
}

/**
 * The HTTP under an SDK client: adds the token, turns every failure into one {@link AppError}, follows no
 * redirect to another origin, and sees to it that nobody waits for an answer that cannot come.
 */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #farewells = new Set<Promise<unknown>>();
  #lastAnswerMs: number;
  #answering = 0;
  /** In which the server's own stream was opened. */
  #listener: Operation | undefined;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#lastAnswerMs = options.clock.nowMs();
  }

  /** Waits until what was told to the server in passing (cancellations) has left; at most 2 s. */
  async settle(): Promise<void> {
    // The SDK sends a cancellation some microtasks after the abort.
    await sleep(0);
    await Promise.allSettled(this.#farewells);
  }

  /** The `fetch` of the SDK's transport. */
  readonly fetch = async (input: string | URL, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(input);
    const { endpoint } = this.#options;
    if (url.origin !== endpoint.origin) {
      throw new AppError(
        "untrusted_destination",
        `Nothing is sent to ${quote(url.host)} but only to ${quote(endpoint.host)}.`,
      );
    }
    const signal = init.signal ?? new AbortController().signal;
    const headers = withExtraHeaders(init.headers, this.#options.headers);
    const outgoing: Outgoing = { url, init, headers, signal };
    if (init.method === "GET") return this.#listen(outgoing);
    if (init.method === "DELETE") return this.#tell(outgoing);
    const message = describeOutgoing(init.body);
    if (!message) return this.#answer(outgoing);
    if (message.id !== undefined) return this.#request(outgoing, { ...message, id: message.id });
    return message.method === "notifications/cancelled" ? this.#tell(outgoing) : this.#notify(outgoing);
  };

  /**
   * GET: opens the server's own stream for a caller who looks after it himself.
   *
   * @returns the answer, whatever its status; its body is cut off at an event that is too large
   */
  async openStream(headers: Headers, signal: AbortSignal): Promise<Response> {
    const { endpoint: url, headers: extra } = this.#options;
    const init = { method: "GET" };
    const all = withExtraHeaders(headers, extra);
    const response = await this.#send({ url, init, headers: all, signal, isAside: true }, false);
    const body = response.body && capEvents(response.body, maxAnswerBytes);
    return new Response(body, { status: response.status, headers: response.headers });
  }

  async #send(outgoing: Outgoing, isFresh: boolean): Promise<Response> {
    const { url, init, signal } = outgoing;
    const operation = this.#options.operations.getStore();
    const { tokens } = this.#options;
    const paused = tokens && operation ? pauseForTokens(tokens, operation) : tokens;
    const authorization = this.#options.headers?.authorization;
    const response = await sendAuthorized({ ...outgoing, authorization }, paused, (headers) => {
      const request: RequestInit = { ...init, headers, signal, redirect: "manual", keepalive: !isFresh };
      return verifiedFetch(url, request);
    });
    this.#lastAnswerMs = this.#options.clock.nowMs();
    return response;
  }

  /** What may be repeated is sent once more when the server hangs up without a word. */
  async #sendSurely(outgoing: Outgoing, operation: Operation, isRepeatable: boolean): Promise<Response> {
    const isStale = this.#options.clock.nowMs() - this.#lastAnswerMs > keepAliveTrustMs;
    try {
      return await this.#send(outgoing, !isRepeatable && isStale);
    } catch (thrown) {
      if (operation.failure) throw operation.failure;
      if (!isRepeatable || outgoing.signal.aborted || !isClosedUnanswered(thrown)) {
        throw explainNetworkError(thrown, outgoing.url, operation);
      }
    }
    try {
      return await this.#send(outgoing, true);
    } catch (thrown) {
      throw operation.failure ?? explainNetworkError(thrown, outgoing.url, operation);
    }
  }

  async #request(outgoing: Outgoing, message: OutgoingMessage & { id: string | number }): Promise<Response> {
    const operation = this.#options.operations.getStore();
    if (!operation) throw new AppError("unexpected", "A request was sent outside of an operation.");
    if (operation.failure) throw operation.failure;
    operation.answer = undefined;
    operation.requestId = message.id;
    const signal = AbortSignal.any([outgoing.signal, operation.signal]);
    const isRepeatable = message.method !== "tools/call";
    const answered = await this.#sendSurely({ ...outgoing, signal }, operation, isRepeatable);
    operation.touch();
    const response = await checkStatus(answered, {
      url: outgoing.url,
      hasSession: outgoing.headers.has("mcp-session-id"),
      isProbe: message.method === "server/discover" && !this.#options.isPinned,
      wantsErrors: this.#options.wantsErrors,
    });
    if (response.ok) return this.#readAnswer(response, operation, message.id);
    operation.answer = "error";
    return response;
  }

  async #readAnswer(response: Response, operation: Operation, id: string | number): Promise<Response> {
    const { endpoint } = this.#options;
    const type =
      response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "no content type";
    if (type === "text/event-stream" && response.body) {
      const body = watchStream(response.body, {
        id,
        operation,
        isResumed: false,
        maxEventBytes: maxAnswerBytes,
      });
      return new Response(body, { status: response.status, headers: response.headers });
    }
    if (type !== "application/json" || response.status !== 200) {
      await response.body?.cancel().catch(() => {});
      throw notMcp(endpoint, type === "application/json" ? `HTTP ${response.status}` : quoteRemote(type, 40));
    }
    const text = await this.#readBody(response, operation);
    operation.answer = checkJsonAnswer(text, id, endpoint);
    return new Response(text, { status: 200, headers: response.headers });
  }

  async #readBody(response: Response, operation: Operation): Promise<string> {
    try {
      return await readText(response, { maxBytes: maxAnswerBytes, onChunk: () => operation.touch() });
    } catch (thrown) {
      if (thrown instanceof AppError) throw thrown;
      throw operation.failure ?? connectionLost(operation, thrown);
    }
  }

  /** Answers a question of the server's. */
  async #answer(outgoing: Outgoing): Promise<Response> {
    if (this.#answering >= maxAnswering) return new Response(null, { status: 202 });
    this.#answering++;
    try {
      return await this.#notify(outgoing);
    } finally {
      this.#answering--;
    }
  }

  async #notify(outgoing: Outgoing): Promise<Response> {
    try {
      const sent = await this.#send(outgoing, false);
      const response = await checkStatus(sent, { url: outgoing.url, hasSession: false, isProbe: false });
      if (!response.ok) return response;
      await response.body?.cancel().catch(() => {});
      return new Response(null, { status: 202 });
    } catch (thrown) {
      throw explainNetworkError(thrown, outgoing.url, undefined);
    }
  }

  /** Sends what needs no answer, in limited time, and remembers that it is on its way. */
  async #tell(outgoing: Outgoing): Promise<Response> {
    const signal = limitTime(farewellLimitMs, outgoing.signal);
    const telling = this.#notify({ ...outgoing, isAside: true, signal });
    this.#farewells.add(telling);
    try {
      return await telling;
    } finally {
      this.#farewells.delete(telling);
    }
  }

  /** GET: the server's own stream, or a broken stream that is taken up again. */
  async #listen(outgoing: Outgoing): Promise<Response> {
    const operation = this.#options.operations.getStore();
    if (!outgoing.headers.has("last-event-id")) this.#listener = operation;
    // The server's own stream: whatever the SDK does for it comes from where it was first opened.
    else if (!operation || operation !== this.#listener) {
      // Also a resumption nobody waits for comes here, without its id: 405 makes the SDK stop.
      return operation ? this.#resume(outgoing, operation) : new Response(null, { status: 405 });
    }
    const response = await this.#send({ ...outgoing, isAside: true }, false);
    if (response.ok && response.body) {
      return new Response(capEvents(response.body, maxAnswerBytes), { headers: response.headers });
    }
    await response.body?.cancel().catch(() => {});
    return new Response(null, { status: 405 });
  }

  async #resume(outgoing: Outgoing, operation: Operation): Promise<Response> {
    if (operation.isFinished) return new Response(null, { status: 405 });
    try {
      const signal = AbortSignal.any([outgoing.signal, operation.signal]);
      const response = await this.#send({ ...outgoing, signal }, false);
      if (response.ok && response.body) {
        operation.failedResumes = 0;
        const watched = {
          id: operation.requestId,
          operation,
          isResumed: true,
          maxEventBytes: maxAnswerBytes,
        };
        return new Response(watchStream(response.body, watched), { headers: response.headers });
      }
      await response.body?.cancel().catch(() => {});
      if (response.status < 500) operation.failedResumes = maxResumes;
      throw connectionLost(operation);
    } catch (thrown) {
      operation.failedResumes++;
      const error = thrown instanceof AppError ? thrown : connectionLost(operation, thrown);
      const isOver = operation.failedResumes >= maxResumes || error.code !== "connection_lost";
      if (isOver) operation.fail(error);
      throw error;
    }
  }
}
