import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import {
  isJSONRPCErrorResponse,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type Transport,
} from "@modelcontextprotocol/server";
import { unlessAborted } from "../../../base/abort.ts";
import { AppError } from "../../../base/errors.ts";
import { quote } from "../../../base/text.ts";
import { toRpcError } from "../error-answer.ts";
import { type Line, LineReader } from "./line-reader.ts";
import {
  type Batch,
  closeBatchEntry,
  type Outgoing,
  PendingRequests,
  type RequestId,
} from "./pending-requests.ts";
import { checkBatch, isMeantAsAnswer, isMessage, readCancelled, readId, readLine } from "./read-message.ts";

export interface LineTransportOptions {
  readonly input: Readable;
  /** Carries messages and nothing else. */
  readonly output: Writable;
  /** A longer line is refused and skipped. */
  readonly maxLineBytes: number;
}

function refusal(error: AppError, id?: RequestId): JSONRPCMessage {
  return { jsonrpc: "2.0", ...(id === undefined ? {} : { id }), error: toRpcError(error) };
}

/**
 * One connection over standard input and output: a JSON-RPC message, or a batch, on each line. Whatever a line
 * holds, the next one is read. Looks at the form of messages, not at their content.
 *
 * @see MCP 2026-07-28 basic/transports, "stdio"
 */
export class LineTransport implements Transport {
  onmessage?: NonNullable<Transport["onmessage"]>;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  readonly #options: LineTransportOptions;
  readonly #lines: LineReader;
  readonly #requests = new PendingRequests();
  readonly #ended = Promise.withResolvers<void>();
  readonly #closer = new AbortController();
  #lastWrite: Promise<void> = Promise.resolve();
  #protocolVersion: unknown;
  #isStopping = false;

  constructor(options: LineTransportOptions) {
    this.#options = options;
    this.#lines = new LineReader(options.maxLineBytes);
  }

  /** Resolves when the host has closed its end, or takes no more answers. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  async start(): Promise<void> {
    this.#options.output.on("error", this.#onOutputError);
    void this.#read();
  }

  /** Sends a message of the server; resolves when it has been written. */
  async send(message: JSONRPCMessage): Promise<void> {
    const isAnswer = isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message);
    if (!isAnswer || message.id === undefined) return this.#write(message);
    if (isJSONRPCResultResponse(message) && this.#requests.methodOf(message.id) === "initialize") {
      this.#protocolVersion = message.result["protocolVersion"];
    }
    return this.#write(this.#requests.settle(message.id, message));
  }

  /** From now on takes no requests; resolves when those that run are answered, or when the signal fires. */
  async drain(signal: AbortSignal): Promise<void> {
    this.#isStopping = true;
    await this.#requests.settled(signal);
  }

  /** Resolves when everything has been written, or when the signal fires. */
  async flush(signal: AbortSignal): Promise<void> {
    await unlessAborted(this.#lastWrite, signal).catch(() => {});
  }

  async close(): Promise<void> {
    if (this.#closer.signal.aborted) return;
    this.#closer.abort();
    this.#requests.clear();
    this.#options.input.destroy();
    this.#ended.resolve();
    this.onclose?.();
  }

  /** The host reads no more: nobody is left who waits for an answer. */
  readonly #onOutputError = (error: Error): void => {
    this.onerror?.(error);
    void this.close();
  };

  async #read(): Promise<void> {
    const { input, output } = this.#options;
    const { signal } = this.#closer;
    try {
      for await (const chunk of input) {
        for (const line of this.#lines.push(chunk)) this.#receive(line);
        // A host that sends and does not read must not fill the memory.
        if (output.writableNeedDrain) await once(output, "drain", { signal });
      }
      for (const line of this.#lines.finish()) this.#receive(line);
    } catch (error) {
      if (!signal.aborted) this.onerror?.(error instanceof Error ? error : new Error("input failed"));
    } finally {
      this.#ended.resolve();
    }
  }

  #receive(line: Line): void {
    const content = readLine(line, this.#options.maxLineBytes);
    if (content.kind === "refused") return this.#answer(refusal(content.error));
    if (content.kind === "empty") return;
    if (!Array.isArray(content.value)) return this.#take(content.value);
    const values: readonly unknown[] = content.value;
    const error = checkBatch(values, this.#protocolVersion);
    if (error) return this.#answer(refusal(error));
    const batch: Batch = { open: values.length, answers: [] };
    for (const value of values) this.#take(value, batch);
  }

  #take(value: unknown, batch?: Batch): void {
    const answer = this.#check(value);
    const isForUs = answer === undefined && isMessage(value);
    if (isForUs && isJSONRPCRequest(value)) this.#requests.add(value.id, value.method, batch);
    else this.#answer(batch ? closeBatchEntry(batch, answer) : answer);
    if (!isForUs) return;
    this.onmessage?.(value);
    const cancelled = readCancelled(value);
    // A cancelled request has no answer (MCP basic/utilities/cancellation).
    if (cancelled !== undefined) this.#answer(this.#requests.settle(cancelled));
  }

  /** The answer to what goes no further. */
  #check(value: unknown): JSONRPCMessage | undefined {
    if (!isMessage(value)) {
      if (isMeantAsAnswer(value)) return undefined;
      return refusal(
        new AppError("invalid_request", "The line is no JSON-RPC message of MCP."),
        readId(value),
      );
    }
    if (!isJSONRPCRequest(value)) return undefined;
    if (this.#requests.has(value.id)) {
      // Under that id it would be taken for the answer to the request that runs.
      const said = `The id ${quote(value.id)} belongs to a request that is not answered yet.`;
      return refusal(new AppError("invalid_request", said));
    }
    if (!this.#isStopping) return undefined;
    return refusal(new AppError("shutting_down", "The server is stopping."), value.id);
  }

  #answer(outgoing: Outgoing): void {
    // A failure to write ends the connection by the output's own event.
    void this.#write(outgoing).catch(() => {});
  }

  #write(outgoing: Outgoing): Promise<void> {
    if (!outgoing || this.#closer.signal.aborted) return Promise.resolve();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#options.output.write(`${JSON.stringify(outgoing)}\n`, (error) =>
      error ? reject(error) : resolve(),
    );
    this.#lastWrite = promise.catch(() => {});
    return promise;
  }
}
