import { AppError } from "../../base/errors.ts";
import { rpcFailure } from "./check-answer.ts";
import { EventReader } from "./event-reader.ts";
import { parseJson, readAnswer } from "./json-rpc.ts";
import { connectionLost } from "./network-error.ts";
import type { Operation } from "./operation.ts";

/** What a stream is watched for. */
export interface WatchedRequest {
  /** The request whose answer the stream must bring. */
  readonly id: string | number | undefined;
  readonly operation: Operation;
  /** The SDK takes the stream up again when it breaks, whether or not an event had an id. */
  readonly isResumed: boolean;
  readonly maxEventBytes: number;
}

class StreamWatch {
  readonly #request: WatchedRequest;
  readonly #events: EventReader;
  readonly #decoder = new TextDecoder();
  #isResumable: boolean;
  #isAnswered = false;

  constructor(request: WatchedRequest) {
    this.#request = request;
    this.#events = new EventReader(request.maxEventBytes);
    this.#isResumable = request.isResumed;
  }

  see(chunk: Uint8Array): void {
    const { operation } = this.#request;
    operation.touch();
    for (const event of this.#events.push(this.#decoder.decode(chunk, { stream: true }))) {
      this.#isResumable ||= event.hasId;
      const answer = event.data === "" ? undefined : readAnswer(parseJson(event.data));
      if (answer?.id === null && answer.error) operation.fail(rpcFailure(answer.error));
      if (!answer || (this.#request.id !== undefined && answer.id !== this.#request.id)) continue;
      this.#isAnswered = true;
      operation.answer = answer.error ? "error" : "result";
    }
  }

  /** Whether the stream may end now without anybody being left waiting. */
  mayEnd(cause: unknown): boolean {
    const { operation } = this.#request;
    if (this.#isAnswered) return true;
    if (operation.isFinished) return false;
    if (this.#isResumable) return true;
    operation.fail(connectionLost(operation, cause));
    return false;
  }

  /**
   * An error answer of our own. It keeps the SDK, which waits for its timeout when a stream breaks, from
   * waiting, and from taking up a stream that nobody wants any more. Client 2.4.0; retry without it when
   * `onRequestStreamEnd` reaches `callTool`.
   */
  makeAnswer(): Uint8Array | undefined {
    const { id } = this.#request;
    if (id === undefined) return undefined;
    const error = { code: -32_000, message: "The stream ended without an answer." };
    const message = { jsonrpc: "2.0", id, error };
    return new TextEncoder().encode(`\n\ndata: ${JSON.stringify(message)}\n\n`);
  }
}

/**
 * Passes a stream of server-sent events on and watches it: each piece is a sign of life for its operation,
 * and an end without an answer ends the operation at once with `connection_lost`.
 */
export function watchStream(
  body: ReadableStream<Uint8Array>,
  request: WatchedRequest,
): ReadableStream<Uint8Array> {
  const watch = new StreamWatch(request);
  const reader = body.getReader();
  const end = (controller: ReadableStreamDefaultController<Uint8Array>, cause?: unknown) => {
    const answer = watch.mayEnd(cause) ? undefined : watch.makeAnswer();
    if (answer) controller.enqueue(answer);
    controller.close();
  };
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { value, done } = await reader.read();
        if (done) return end(controller);
        watch.see(value);
        controller.enqueue(value);
      } catch (thrown) {
        if (thrown instanceof AppError) {
          request.operation.fail(thrown);
          await reader.cancel().catch(() => {});
        }
        end(controller, thrown);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** Passes a stream of events on that nobody waits for, and breaks it off when one event is too large. */
export function capEvents(
  body: ReadableStream<Uint8Array>,
  maxEventBytes: number,
): ReadableStream<Uint8Array> {
  const events = new EventReader(maxEventBytes);
  const decoder = new TextDecoder();
  const cap = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      events.push(decoder.decode(chunk, { stream: true }));
      controller.enqueue(chunk);
    },
  });
  return body.pipeThrough(cap);
}
