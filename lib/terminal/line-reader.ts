import { createInterface } from "node:readline";
import type { Abortable } from "../base/abort.ts";

/** A terminal's keyboard. `process.stdin` is one. */
export interface KeyboardInput extends NodeJS.ReadableStream {
  readonly isTTY?: boolean | undefined;
  setRawMode?(isRaw: boolean): unknown;
}

export interface LineReaderOptions {
  readonly input: KeyboardInput;
  /** Usually stderr: stdout is for answers. */
  readonly output: NodeJS.WritableStream;
}

/** What a person did at the prompt. */
export type LineEvent =
  | { readonly type: "line"; readonly text: string }
  /** Ctrl-C; `hadText` says whether there was something to throw away. */
  | { readonly type: "interrupt"; readonly hadText: boolean }
  /** Ctrl-D, the end of the input, or the signal. */
  | { readonly type: "end" };

/** Reads lines from a person, one at a time. */
export interface LineReader {
  /** Shows the prompt and waits. */
  read(prompt: string, options: Abortable): Promise<LineEvent>;
  /** Watches for Ctrl-C while nobody is asked; what is typed then is dropped. The returned function ends it. */
  watchInterrupt(onInterrupt: () => void): () => void;
}

const ctrlC = 0x03;
const maxHistory = 500;

/** Opens a reader on a terminal, with editing and a history for as long as it lives. */
export function createLineReader({ input, output }: LineReaderOptions): LineReader {
  let history: string[] = [];
  return {
    read(prompt, { signal }) {
      const { promise, resolve } = Promise.withResolvers<LineEvent>();
      const reader = createInterface({
        input,
        output,
        terminal: true,
        history,
        historySize: maxHistory,
        prompt,
      });
      const finish = (event: LineEvent) => {
        resolve(event);
        reader.close();
      };
      reader.on("history", (lines) => {
        history = [...lines];
      });
      reader.on("line", (text) => finish({ type: "line", text }));
      reader.on("SIGINT", () => {
        output.write("\n");
        finish({ type: "interrupt", hadText: reader.line !== "" });
      });
      const stop = () => reader.close();
      reader.on("close", () => {
        signal?.removeEventListener("abort", stop);
        resolve({ type: "end" });
      });
      signal?.addEventListener("abort", stop, { once: true });
      if (signal?.aborted) reader.close();
      else reader.prompt();
      return promise;
    },
    watchInterrupt(onInterrupt) {
      const onData = (chunk: Buffer | string) => {
        if (Buffer.from(chunk).includes(ctrlC)) onInterrupt();
      };
      input.setRawMode?.(true);
      input.on("data", onData);
      input.resume();
      return () => {
        input.off("data", onData);
        input.pause();
        input.setRawMode?.(false);
      };
    },
  };
}
