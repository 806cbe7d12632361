import type { AsyncLocalStorage } from "node:async_hooks";
import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { sleep } from "../../base/abort.ts";
import { AppError } from "../../base/errors.ts";
import { type Line, LineReader } from "../../base/line-reader.ts";
import { quote } from "../../base/text.ts";
import { readAnswer } from "./json-rpc.ts";
import type { Operation } from "./operation.ts";
import type { WireFactory } from "./wire.ts";

/** A command that is an MCP server on its standard input and output. No shell reads it. */
export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the few variables that are handed on (HOME, PATH, USER and the like, as the SDK has them). */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Default: the current folder. */
  readonly folder?: string | undefined;
}

/** No answer may be larger. */
const maxMessageBytes = 64 * 1024 * 1024;
/** Of a line of its log, no more is shown. */
const maxLineLength = 4096;
/** Of a longer line of its log, nothing is kept: a command may write without end. */
const maxLineBytes = 65_536;

/** How a command fares. */
export interface CommandState {
  /** It ended before it answered anything: servers of old SDKs do when they are asked for what they do not know. */
  hasEndedUnanswered: boolean;
}

/** What a stdio wire works with. */
export interface StdioWireOptions {
  readonly server: ServerCommand;
  /** Takes each line that the command writes on standard error, as it is. */
  readonly onStderr: (line: string) => void;
  readonly state: CommandState;
}

function explainStart({ command, folder }: ServerCommand, cause: unknown): AppError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error";
  const why =
    code === "ENOENT" ? `there is no such command${folder === undefined ? "" : " or folder"}` : code;
  return new AppError("unreachable", `The server ${quote(command, 200)} cannot be started: ${why}.`, {
    hint: "Give it as you would type it, program first: -- npx some-server args",
    cause,
  });
}

function decodeLine(line: Uint8Array): string {
  return new TextDecoder().decode(line).replace(/\r$/, "").slice(0, maxLineLength);
}

/** The SDK's stdio transport, with an eye on which operation each answer is for. */
class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: Transport["onmessage"];
  readonly #inner: StdioClientTransport;
  readonly #options: StdioWireOptions;
  readonly #operations: AsyncLocalStorage<Operation>;
  readonly #waiting = new Map<string | number, Operation>();
  #hasStarted = false;
  #hasAnswered = false;
  #isClosing = false;
  /** The SDK forgets it when it begins to close. */
  #startedPid: number | undefined;
  /** A program that ends in a hurry leaves no command behind, however that clings to life. */
  readonly #kill = () => {
    try {
      if (this.#startedPid !== undefined) process.kill(this.#startedPid, "SIGKILL");
    } catch {
      // It has gone.
    }
  };

  constructor(options: StdioWireOptions, operations: AsyncLocalStorage<Operation>) {
    const { command, args, environment, folder } = options.server;
    this.#options = options;
    this.#operations = operations;
    this.#inner = new StdioClientTransport({
      command,
      args: [...args],
      ...(environment && { env: { ...environment } }),
      ...(folder !== undefined && { cwd: folder }),
      stderr: "pipe",
      maxBufferSize: maxMessageBytes,
    });
  }

  /** By `stderr` and `pid` the SDK tells that it probes a command, which may stay silent (client 2.4.0). */
  get stderr() {
    return this.#inner.stderr;
  }

  get pid() {
    return this.#inner.pid;
  }

  async start(): Promise<void> {
    Object.assign(this.#inner, {
      onmessage: (message: JSONRPCMessage) => this.#receive(message),
      onerror: (error: Error) => this.onerror?.(error),
      onclose: () => this.#end(),
    });
    this.#readStderr();
    try {
      await this.#inner.start();
      this.#hasStarted = true;
      this.#startedPid = this.#inner.pid ?? undefined;
      process.once("exit", this.#kill);
    } catch (error) {
      throw explainStart(this.#options.server, error);
    }
  }

  send(message: JSONRPCMessage): Promise<void> {
    const operation = this.#operations.getStore();
    if (operation && "method" in message && "id" in message && message.id !== undefined) {
      operation.answer = undefined;
      operation.requestId = message.id;
      this.#waiting.set(message.id, operation);
    }
    return this.#inner.send(message);
  }

  close(): Promise<void> {
    this.#isClosing = true;
    return this.#inner.close();
  }

  #receive(message: JSONRPCMessage): void {
    const answer = readAnswer(message);
    const operation = answer && answer.id !== null ? this.#waiting.get(answer.id) : undefined;
    if (answer && operation && answer.id !== null) {
      this.#waiting.delete(answer.id);
      operation.answer = answer.error ? "error" : "result";
      operation.touch();
    }
    this.#hasAnswered ||= answer !== undefined;
    // The SDK looks at a notification a microtask later, and at an answer at once, after which it knows of no progress
    // (client 2.4.0): what comes in one piece would lose its last progress.
    if (answer) queueMicrotask(() => this.onmessage?.(message));
    else this.onmessage?.(message);
  }

  #end(): void {
    process.off("exit", this.#kill);
    if (this.#hasStarted && !this.#hasAnswered && !this.#isClosing)
      this.#options.state.hasEndedUnanswered = true;
    this.onclose?.();
  }

  #readStderr(): void {
    const { stderr } = this.#inner;
    if (!stderr) return;
    const reader = new LineReader(maxLineBytes);
    const show = (line: Line) =>
      this.#options.onStderr(line ? decodeLine(line) : "(a line that is too long to be shown)");
    stderr.on("data", (chunk: Uint8Array) => reader.push(chunk).forEach(show));
    stderr.on("end", () => reader.finish().forEach(show));
  }
}

/**
 * The pipes of a command that is started for one link and ends with it: its input is closed, after 2 s it gets
 * SIGTERM, after 2 s more SIGKILL.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports#stdio
 */
export function stdioWire(options: StdioWireOptions): WireFactory {
  return (operations) => ({
    transport: new StdioTransport(options, operations),
    // The SDK sends a cancellation some microtasks after the abort.
    settle: () => sleep(0),
    endSession: async () => {},
  });
}
