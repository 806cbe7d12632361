import { AsyncLocalStorage } from "node:async_hooks";
import { limitTime, sleep, unlessAborted } from "../../../base/abort.ts";
import type { Clock } from "../../../base/clock.ts";
import { AppError, toAppError } from "../../../base/errors.ts";
import { quote } from "../../../base/text.ts";
import { notMcp } from "../check-answer.ts";
import type { AccessTokens, ExtraHeaders } from "../contract.ts";
import { Exchange } from "../exchange.ts";
import { parseJson } from "../json-rpc.ts";
import { connectionLost } from "../network-error.ts";
import { type Limits, Operation } from "../operation.ts";
import { readText } from "../remote-text.ts";
import { type Call, type Message, type Outcome, readMessage, type RequestId } from "./message.ts";
import { readEvents, type StreamRest } from "./read-events.ts";

/** No message may be larger, in either direction. */
export const maxMessageBytes = 64 * 1024 * 1024;
const maxRedirects = 3;
/** What needs no answer is given up after this. */
const tellLimitMs = 30_000;

/** How the server is reached. */
export interface RemoteHttpOptions {
  readonly endpoint: URL;
  readonly tokens: AccessTokens | undefined;
  readonly headers: ExtraHeaders | undefined;
  /** How long a request may be silent, and how long it may take. */
  readonly limits: Limits;
  readonly clock: Clock;
}

/** One request to the server. */
export interface RemoteRequest {
  readonly id: RequestId;
  readonly call: Call;
  /** Beside those of JSON over HTTP. */
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Default: those of {@link RemoteHttpOptions}. */
  readonly limits?: Limits | undefined;
  /** Takes what the server says before it answers. */
  onMessage(message: Message): void | Promise<void>;
}

/** The answer to a request and the headers that it came with. */
export interface RemoteAnswer {
  readonly outcome: Outcome;
  readonly headers: Headers;
}

const media = { "content-type": "application/json", accept: "application/json, text/event-stream" };

function isStream(response: Response): boolean {
  return response.headers.get("content-type")?.toLowerCase().startsWith("text/event-stream") === true;
}

function readAll(text: string): readonly Message[] {
  const body = parseJson(text);
  const values = Array.isArray(body) ? body : [body];
  return values.map(readMessage).filter((message) => message !== undefined);
}

/**
 * JSON-RPC over HTTP as it comes: messages go to the server and back unread, with a token that is renewed, errors
 * in one sentence, and streams that are taken up again where they can be.
 *
 * @throws by its methods: as `connect`
 */
export class RemoteHttp {
  readonly #exchange: Exchange;
  readonly #operations = new AsyncLocalStorage<Operation>();
  readonly #limits: Limits;
  readonly #closer = new AbortController();
  #endpoint: URL;

  constructor({ endpoint, tokens, headers, clock, limits }: RemoteHttpOptions) {
    this.#endpoint = endpoint;
    this.#limits = limits;
    const operations = this.#operations;
    const rules = { isPinned: false, wantsErrors: true } as const;
    this.#exchange = new Exchange({ endpoint, tokens, headers, operations, clock, ...rules });
  }

  /** Sends a request; its answer may be the server's error, but everything else that goes wrong throws. */
  async request(request: RemoteRequest): Promise<RemoteAnswer> {
    const { call, signal, limits } = request;
    const what = { subject: `The request ${quote(call.method)}`, hasEffects: call.method === "tools/call" };
    const operation = new Operation(what, limits ?? this.#limits, signal);
    try {
      const working = this.#operations.run(operation, () => this.#perform(request, operation));
      return await unlessAborted(working, operation.signal);
    } catch (thrown) {
      throw operation.failure ?? toAppError(thrown);
    } finally {
      operation.finish();
    }
  }

  /** Sends a notification or an answer; 30 s at most. */
  async tell(message: object, headers: Readonly<Record<string, string>>): Promise<void> {
    const body = JSON.stringify({ jsonrpc: "2.0", ...message });
    const signal = limitTime(tellLimitMs, this.#closer.signal);
    const init = { method: "POST", headers: { ...media, ...headers }, body, signal };
    await this.#exchange.fetch(this.#endpoint, init);
  }

  /** Opens the server's own stream; the caller looks after it. */
  openStream(headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Response> {
    return this.#exchange.openStream(new Headers({ accept: "text/event-stream", ...headers }), signal);
  }

  /** Ends a session; 2 s at most. */
  async endSession(headers: Readonly<Record<string, string>>): Promise<void> {
    await this.#exchange.fetch(this.#endpoint, { method: "DELETE", headers });
  }

  /** Waits until cancellations have left; 2 s at most. */
  settle(): Promise<void> {
    return this.#exchange.settle();
  }

  /** Gives up what is still told to the server, so that nothing holds a bridge that ends. */
  close(): void {
    this.#closer.abort();
  }

  async #perform(request: RemoteRequest, operation: Operation): Promise<RemoteAnswer> {
    const response = await this.#post(request);
    const { headers } = response;
    if (response.ok && isStream(response) && response.body) {
      return { outcome: await this.#readStream(response.body, request, operation), headers };
    }
    const text = await readText(response, { maxBytes: maxMessageBytes });
    for (const message of readAll(text)) {
      if (message.kind !== "answer") await request.onMessage(message);
      else if (message.id === request.id) return { outcome: message.outcome, headers };
      // A server that refuses before it reads may not name the request.
      else if (!response.ok && message.id === undefined) return { outcome: message.outcome, headers };
    }
    throw notMcp(this.#endpoint, `HTTP ${response.status}`);
  }

  async #post({ id, call, headers }: RemoteRequest): Promise<Response> {
    const body = JSON.stringify({ jsonrpc: "2.0", id, ...call });
    const init = { method: "POST", headers: { ...media, ...headers }, body };
    for (let hops = 0; ; hops++) {
      const response = await this.#exchange.fetch(this.#endpoint, init);
      if (response.status !== 307 && response.status !== 308) return response;
      const target = URL.parse(response.headers.get("location") ?? "", this.#endpoint.href);
      // The exchange lets redirects within the origin through, and no others.
      if (!target || hops >= maxRedirects) throw notMcp(this.#endpoint, "it redirects in circles");
      this.#endpoint = target;
    }
  }

  async #readStream(
    first: ReadableStream<Uint8Array>,
    request: RemoteRequest,
    operation: Operation,
  ): Promise<Outcome> {
    let outcome: Outcome | undefined;
    const take = async (message: Message): Promise<boolean> => {
      if (message.kind !== "answer") {
        if (!operation.failure) await request.onMessage(message);
        return false;
      }
      if (message.id === request.id) outcome = message.outcome;
      return outcome !== undefined;
    };
    let rest = await readEvents(first, maxMessageBytes, take);
    for (;;) {
      if (operation.failure) throw operation.failure;
      if (outcome) return outcome;
      const resumed = await this.#resume(request, rest, operation);
      const { lastEventId, retryMs } = await readEvents(resumed, maxMessageBytes, take);
      rest = { lastEventId: lastEventId ?? rest.lastEventId, retryMs: retryMs ?? rest.retryMs };
    }
  }

  async #resume(
    { headers }: RemoteRequest,
    { lastEventId, retryMs = 1000 }: StreamRest,
    operation: Operation,
  ): Promise<ReadableStream<Uint8Array>> {
    if (lastEventId === undefined) throw connectionLost(operation);
    for (;;) {
      await sleep(retryMs, { signal: operation.signal });
      const init = { headers: { ...headers, accept: "text/event-stream", "last-event-id": lastEventId } };
      try {
        const response = await this.#exchange.fetch(this.#endpoint, { method: "GET", ...init });
        if (response.body) return response.body;
        throw connectionLost(operation);
      } catch (thrown) {
        // The exchange counts the attempts, and fails the operation after the last one.
        if (operation.failure || !(thrown instanceof AppError)) throw operation.failure ?? thrown;
        if (thrown.code !== "connection_lost") throw thrown;
      }
    }
  }
}
