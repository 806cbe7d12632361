import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { AppError, toAppError } from "../../../base/errors.ts";
import type { JsonObject } from "../../../base/json.ts";
import { type Line, LineReader } from "../../../base/line-reader.ts";
import { quote, toSafeJson } from "../../../base/text.ts";
import {
  type Call,
  invalidRequest,
  isRequestId,
  type Outcome,
  readMessage,
  type RequestId,
  rpcError,
  toRpcError,
} from "./message.ts";

/** What becomes of the host's messages. */
export interface HostHandlers {
  /** Answers a request. The signal fires when the host cancels it or goes away; then nothing is answered. */
  request(call: Call, signal: AbortSignal, id: RequestId): Promise<Outcome>;
  /** Takes a notification; cancellations do not come here. */
  notification(call: Call): void;
}

export interface HostChannelOptions {
  readonly input: Readable;
  /** Carries messages and nothing else. */
  readonly output: Writable;
  /** A longer line is refused and skipped. */
  readonly maxLineBytes: number;
  /** So many requests may run at a time; more are refused. Default 1000. */
  readonly maxRunning?: number | undefined;
}

function parseLine(line: Uint8Array): unknown {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(line).trim();
  return text === "" ? undefined : (JSON.parse(text) as unknown);
}

function toLine(message: JsonObject): string | undefined {
  try {
    return `${toSafeJson(message)}\n`;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/**
 * The host at the other end of standard input and output: one JSON-RPC message on each line. Whatever a line holds,
 * the next one is read; nothing but messages is ever written.
 *
 * @see MCP 2026-07-28 basic/transports, "stdio"
 */
export class HostChannel {
  readonly #options: HostChannelOptions;
  readonly #lines: LineReader;
  readonly #running = new Map<RequestId, AbortController>();
  readonly #asked = new Map<RequestId, PromiseWithResolvers<Outcome>>();
  readonly #gone = new AbortController();
  #lastAsked = 0;

  constructor(options: HostChannelOptions) {
    this.#options = options;
    this.#lines = new LineReader(options.maxLineBytes);
    options.output.on("error", () => this.#end());
  }

  /** Reads what the host sends until it closes its end, takes no more, or the signal fires. */
  async run(handlers: HostHandlers, signal: AbortSignal): Promise<void> {
    const { input, output } = this.#options;
    const stop = () => this.#end();
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    try {
      for await (const chunk of input as AsyncIterable<Uint8Array>) {
        for (const line of this.#lines.push(chunk)) this.#receive(line, handlers);
        // A host that sends and does not read must not fill the memory.
        if (output.writableNeedDrain) await this.drained();
      }
      for (const line of this.#lines.finish()) this.#receive(line, handlers);
    } catch (error) {
      if (!this.#gone.signal.aborted) throw error;
    } finally {
      signal.removeEventListener("abort", stop);
      this.#end();
    }
  }

  /** Tells the host something. */
  notify({ method, params }: Call): void {
    this.#write({ jsonrpc: "2.0", method, ...(params && { params }) });
  }

  /**
   * Asks the host something, as the server does with sampling or elicitation.
   *
   * @throws the signal's reason, after the host was told; `interrupted` when the host goes away
   */
  async ask({ method, params }: Call, signal: AbortSignal): Promise<Outcome> {
    signal.throwIfAborted();
    const id = ++this.#lastAsked;
    const answer = Promise.withResolvers<Outcome>();
    const cancel = () => {
      this.notify({ method: "notifications/cancelled", params: { requestId: id } });
      answer.reject(signal.reason);
    };
    this.#asked.set(id, answer);
    signal.addEventListener("abort", cancel, { once: true });
    const isAsked = this.#write({ jsonrpc: "2.0", id, method, ...(params && { params }) });
    if (!isAsked) answer.resolve(rpcError(-32_602, "The question is nested too deeply."));
    try {
      return await answer.promise;
    } finally {
      signal.removeEventListener("abort", cancel);
      this.#asked.delete(id);
    }
  }

  /** Resolves when the host has taken enough of what was written, or is gone. */
  async drained(): Promise<void> {
    const { output } = this.#options;
    if (!output.writableNeedDrain || this.#gone.signal.aborted) return;
    await once(output, "drain", { signal: this.#gone.signal }).catch(() => {});
  }

  #end(): void {
    if (this.#gone.signal.aborted) return;
    const reason = new AppError("interrupted", "The host is gone.");
    this.#gone.abort(reason);
    for (const controller of this.#running.values()) controller.abort(reason);
    for (const { reject } of this.#asked.values()) reject(reason);
    this.#options.input.destroy();
  }

  #receive(line: Line, handlers: HostHandlers): void {
    if (this.#gone.signal.aborted) return;
    if (line === undefined) {
      const said = `The line is longer than ${this.#options.maxLineBytes} bytes.`;
      return this.#answer(undefined, { error: toRpcError(new AppError("body_too_large", said)) });
    }
    let value: unknown;
    try {
      value = parseLine(line);
    } catch {
      return this.#answer(undefined, {
        error: toRpcError(new AppError("invalid_json", "The line is not valid JSON.")),
      });
    }
    if (value !== undefined) this.#take(value, handlers);
  }

  #take(value: unknown, handlers: HostHandlers): void {
    const message = readMessage(value);
    switch (message?.kind) {
      case "request":
        return this.#takeRequest(message.id, message.call, handlers);
      case "notification":
        return message.call.method === "notifications/cancelled"
          ? this.#cancel(message.call.params)
          : handlers.notification(message.call);
      case "answer":
        if (message.id !== undefined) this.#asked.get(message.id)?.resolve(message.outcome);
        return undefined;
      default:
        return this.#refuse(value);
    }
  }

  /** What is no message gets an answer, unless it looks like one itself. */
  #refuse(value: unknown): void {
    const isObject = typeof value === "object" && value !== null;
    if (isObject && !("method" in value) && ("result" in value || "error" in value)) return;
    const id = isObject && "id" in value && isRequestId(value.id) ? value.id : undefined;
    const isFree = id !== undefined && !this.#running.has(id);
    const said = Array.isArray(value) ? "Batches are not taken." : "The line is no JSON-RPC message of MCP.";
    this.#answer(isFree ? id : undefined, rpcError(invalidRequest, said));
  }

  #takeRequest(id: RequestId, call: Call, handlers: HostHandlers): void {
    if (this.#running.has(id)) {
      // Under that id it would be taken for the answer to the request that runs.
      const said = `The id ${quote(id)} belongs to a request that is not answered yet.`;
      return this.#answer(undefined, rpcError(invalidRequest, said));
    }
    if (this.#running.size >= (this.#options.maxRunning ?? 1000)) {
      return this.#answer(id, rpcError(-32_603, "Too many requests run at the same time."));
    }
    void this.#run(id, call, handlers);
  }

  async #run(id: RequestId, call: Call, handlers: HostHandlers): Promise<void> {
    const controller = new AbortController();
    this.#running.set(id, controller);
    const { signal } = controller;
    const outcome = await handlers
      .request(call, signal, id)
      .catch((thrown: unknown): Outcome => ({ error: toRpcError(toAppError(thrown)) }));
    if (this.#running.get(id) === controller) this.#running.delete(id);
    // A cancelled request has no answer (MCP basic/utilities/cancellation).
    if (!signal.aborted) this.#answer(id, outcome);
  }

  #cancel(params: JsonObject | undefined): void {
    const id = params?.["requestId"];
    const running = isRequestId(id) ? this.#running.get(id) : undefined;
    if (!running || !isRequestId(id)) return;
    this.#running.delete(id);
    running.abort(new AppError("interrupted", "The host cancelled the request."));
  }

  #answer(id: RequestId | undefined, outcome: Outcome): void {
    const known = id === undefined ? {} : { id };
    if (this.#write({ jsonrpc: "2.0", ...known, ...outcome })) return;
    this.#write({
      jsonrpc: "2.0",
      ...known,
      ...rpcError(-32_603, "The server's answer is nested too deeply."),
    });
  }

  /** False for what is nested too deeply to be written. */
  #write(message: JsonObject): boolean {
    const line = toLine(message);
    if (line !== undefined && !this.#gone.signal.aborted) this.#options.output.write(line);
    return line !== undefined;
  }
}
