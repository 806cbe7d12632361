import { createInterface, type Interface } from "node:readline";
import { Writable } from "node:stream";
import type { Abortable } from "../base/abort.ts";

/** A terminal's screen. `process.stderr` is one. */
export interface ScreenOutput extends NodeJS.WritableStream {
  readonly columns?: number | undefined;
}

export interface LineReaderOptions {
  readonly input: NodeJS.ReadableStream;
  /** Usually stderr: stdout is for answers. */
  readonly output: ScreenOutput;
}

/** What a person did at the prompt. */
export type LineEvent =
  | { readonly type: "line"; readonly text: string }
  /** Ctrl-C; `hadText` says whether there was something to throw away. */
  | { readonly type: "interrupt"; readonly hadText: boolean }
  /** Ctrl-D, the end of the input, or the signal. */
  | { readonly type: "end" };

/** Reads lines from a person, one at a time, with editing and a history for as long as it lives. */
export interface LineReader {
  /** Shows the prompt and waits; lines that were pasted together come one after the other. */
  read(prompt: string, options: Abortable): Promise<LineEvent>;
  /**
   * Watches for Ctrl-C while nobody is asked; it also drops the lines that wait. What is typed then is not shown.
   * The returned function ends it.
   */
  watchInterrupt(onInterrupt: () => void): () => void;
  /** Gives the terminal back. */
  close(): void;
}

const maxHistory = 500;

/** Passes text on only while a person is asked, so that nothing typed in between gets among the rows of a turn. */
class PromptOutput extends Writable {
  isShown = false;
  readonly isTTY = true;
  readonly #screen: ScreenOutput;

  constructor(screen: ScreenOutput) {
    super({ decodeStrings: false });
    this.#screen = screen;
    screen.on("resize", () => this.emit("resize"));
  }

  get columns(): number {
    return this.#screen.columns ?? 80;
  }

  override _write(chunk: string | Uint8Array, _: BufferEncoding, done: () => void): void {
    if (this.isShown) this.#screen.write(chunk);
    done();
  }
}

class TerminalLineReader implements LineReader {
  readonly #output: PromptOutput;
  readonly #screen: ScreenOutput;
  readonly #readline: Interface;
  #waiting: ((event: LineEvent) => void) | undefined;
  #lines: string[] = [];
  #isClosed = false;
  #onInterrupt = () => {};

  constructor({ input, output }: LineReaderOptions) {
    this.#screen = output;
    this.#output = new PromptOutput(output);
    // One interface for its whole life: every further one on the same input takes longer for each key.
    this.#readline = createInterface({
      input,
      output: this.#output,
      terminal: true,
      historySize: maxHistory,
    });
    this.#readline.on("line", (text) => {
      if (this.#waiting) this.#finish({ type: "line", text });
      else this.#lines.push(text);
    });
    this.#readline.on("SIGINT", () => this.#interrupt());
    this.#readline.on("close", () => {
      this.#isClosed = true;
      this.#finish({ type: "end" });
    });
  }

  read(prompt: string, { signal }: Abortable): Promise<LineEvent> {
    const pasted = this.#lines.shift();
    if (pasted !== undefined) {
      this.#screen.write(`${prompt}${pasted}\n`);
      return Promise.resolve({ type: "line", text: pasted });
    }
    if (this.#isClosed || signal?.aborted) return Promise.resolve({ type: "end" });
    const { promise, resolve } = Promise.withResolvers<LineEvent>();
    const stop = () => this.#finish({ type: "end" });
    signal?.addEventListener("abort", stop, { once: true });
    this.#waiting = (event) => {
      signal?.removeEventListener("abort", stop);
      resolve(event);
    };
    this.#forgetTyped();
    this.#output.isShown = true;
    this.#readline.setPrompt(prompt);
    this.#readline.prompt();
    return promise;
  }

  watchInterrupt(onInterrupt: () => void): () => void {
    this.#onInterrupt = onInterrupt;
    return () => {
      this.#onInterrupt = () => {};
    };
  }

  close(): void {
    this.#readline.close();
  }

  #finish(event: LineEvent): void {
    this.#output.isShown = false;
    this.#waiting?.(event);
    this.#waiting = undefined;
  }

  #interrupt(): void {
    this.#lines = [];
    if (!this.#waiting) return this.#onInterrupt();
    const hadText = this.#readline.line !== "";
    this.#screen.write("\n");
    this.#finish({ type: "interrupt", hadText });
  }

  /** What was typed unseen would appear in the middle of the next line. */
  #forgetTyped(): void {
    this.#readline.write(null, { ctrl: true, name: "e" });
    this.#readline.write(null, { ctrl: true, name: "u" });
  }
}

/** Opens a reader on a terminal. */
export function createLineReader(options: LineReaderOptions): LineReader {
  return new TerminalLineReader(options);
}
