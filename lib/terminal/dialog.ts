import type { Abortable } from "../base/abort.ts";
import type { Complete } from "./editor/completion.ts";
import type { LineEvent } from "./editor/line-editor.ts";
import type { Terminal } from "./terminal.ts";

/** A question to a person. */
export interface Question {
  /** What stands above it and stays, made safe by the caller. */
  readonly text?: string | undefined;
  readonly prompt: string;
  readonly initial?: string | undefined;
  readonly complete?: Complete | undefined;
  /** Whether something is allowed here: the answer is typed, not pasted, and not in the middle of another line. */
  readonly isDecision?: boolean | undefined;
}

/** Asks; Ctrl-C has already interrupted what runs when it gives `interrupt`. */
export type AskQuestion = (question: Question) => Promise<LineEvent>;

/** Asks a person questions, one conversation at a time, while the rows of running calls go on above. */
export class Dialog {
  readonly #terminal: Terminal;
  readonly #onInterrupt: () => void;
  #last: Promise<unknown> = Promise.resolve();

  constructor(terminal: Terminal, onInterrupt: () => void) {
    this.#terminal = terminal;
    this.#onInterrupt = onInterrupt;
  }

  /** Holds a conversation once those before it are over. It is for the conversation to heed the signal. */
  hold<T>(converse: (ask: AskQuestion) => Promise<T>, { signal }: Abortable): Promise<T> {
    const held = this.#last.then(() => this.#hold(converse, signal));
    this.#last = held.catch(() => {});
    return held;
  }

  async #hold<T>(converse: (ask: AskQuestion) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const terminal = this.#terminal;
    // Nothing that was typed without a view of the question answers it.
    const release = await terminal.openAnew();
    try {
      return await converse(async ({ text, ...question }) => {
        if (text !== undefined && signal?.aborted !== true) terminal.print(text);
        const event = await terminal.readLine({ ...question, signal });
        if (event.type === "interrupt") this.#onInterrupt();
        return event;
      });
    } finally {
      release();
    }
  }
}
