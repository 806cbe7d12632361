import { createInterface, type Interface } from "node:readline";
import { sleep } from "../base/abort.ts";
import type { KeyInput } from "./editor/keyboard.ts";
import type { LineEvent } from "./editor/line-editor.ts";
import type { ReadLineOptions } from "./editor/read-line.ts";
import type { OutputStream } from "./live-rows.ts";
import { SharedHold } from "./shared-hold.ts";
import type { Terminal } from "./terminal.ts";

/** What the terminal kept back arrives within it. */
const settleMs = 50;
/** What is typed ahead beyond it is lost, in lines. */
const maxTyped = 1000;

interface Request {
  readonly options: ReadLineOptions;
  /** Of a line that goes on with the next one. */
  begun: string;
  finish(event: LineEvent): void;
}

/**
 * A terminal that cannot be drawn on (`TERM=dumb`): it edits and echoes a line itself and gives it as a whole, so
 * there is no completion and no history of keys.
 */
export class LineTerminal implements Terminal {
  readonly screen = undefined;
  readonly #input: KeyInput;
  readonly #output: OutputStream;
  readonly #hold = new SharedHold(
    () => this.#start(),
    () => this.#stop(),
  );
  #reader: Interface | undefined;
  #typed: string[] = [];
  #request: Request | undefined;
  #hasEnded = false;
  #onInterrupt: (() => void) | undefined;

  constructor(input: KeyInput, output: OutputStream) {
    this.#input = input;
    this.#output = output;
  }

  get columns(): number {
    return Math.max(1, (this.#output.columns || 80) - 1);
  }

  print(text: string): void {
    this.#output.write(`${text.replace(/\n$/, "")}\n`);
  }

  readLine(options: ReadLineOptions): Promise<LineEvent> {
    const { signal, prompt, takesTyped = false } = options;
    if (signal?.aborted || this.#hasEnded) return Promise.resolve({ type: "end" });
    const { promise, resolve } = Promise.withResolvers<LineEvent>();
    const onAbort = () => finish({ type: "end" });
    const finish = (event: LineEvent) => {
      this.#request = undefined;
      signal?.removeEventListener("abort", onAbort);
      // The line that was begun stays as it is; what comes next does not stand in it.
      if (event.type !== "line") this.#output.write("\n");
      else options.history?.add(event.text);
      resolve(event);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#request = { options, begun: "", finish };
    this.#output.write(prompt);
    if (takesTyped) this.#giveTyped();
    return promise;
  }

  open(): () => void {
    return this.#hold.hold();
  }

  async openAnew(): Promise<() => void> {
    const wasOpen = this.#hold.isHeld;
    const close = this.open();
    if (wasOpen) return close;
    await sleep(settleMs);
    this.#typed = [];
    return close;
  }

  watchInterrupt(onInterrupt: () => void): () => void {
    this.#onInterrupt = onInterrupt;
    return () => {
      this.#onInterrupt = undefined;
    };
  }

  takeSignal(): boolean {
    this.#typed = [];
    if (this.#request) {
      this.#request.finish({ type: "interrupt", hadText: this.#request.begun !== "" });
      return true;
    }
    this.#onInterrupt?.();
    return this.#onInterrupt !== undefined;
  }

  release(): void {}

  #start(): void {
    this.#input.ref?.();
    this.#reader = createInterface({ input: this.#input, terminal: false });
    this.#reader.on("line", (line) => this.#take(line));
    this.#reader.on("close", () => this.#end());
    this.#input.on("error", this.#end);
  }

  #stop(): void {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.close();
    this.#input.off("error", this.#end);
    this.#input.pause();
    this.#input.unref?.();
  }

  /** The terminal is gone, or its input was closed; a reader of ours that we close says so, too. */
  readonly #end = (): void => {
    if (!this.#reader || this.#hasEnded) return;
    this.#hasEnded = true;
    // What runs has nobody to run for any more.
    this.#onInterrupt?.();
    this.#request?.finish({ type: "end" });
  };

  #take(line: string): void {
    if (this.#request) this.#give(line);
    else if (this.#typed.length < maxTyped) this.#typed.push(line);
  }

  /** Gives the line that is asked for now what was typed ahead. */
  #giveTyped(): void {
    while (this.#request) {
      const line = this.#typed.shift();
      if (line === undefined) return;
      // Its echo stands where it was typed.
      this.#output.write(`${line}\n`);
      this.#give(line);
    }
  }

  #give(line: string): void {
    const request = this.#request;
    if (!request) return;
    const text = request.begun + line;
    const goesOn = request.options.hasLines === true && /(?<!\\)\\$/.test(line);
    if (!goesOn) return request.finish({ type: "line", text });
    request.begun = `${text.slice(0, -1)}\n`;
  }
}
