import { AppError } from "../../lib/base/errors.ts";

/** The one thing that runs and that Ctrl-C ends, without ending the program. */
export class Interruptible {
  #running: AbortController | undefined;

  /** Interrupts what runs. */
  readonly interrupt = (): void => {
    this.#running?.abort(new AppError("interrupted", "Interrupted."));
  };

  /** Fires when what runs now is interrupted; undefined while nothing runs. */
  get signal(): AbortSignal | undefined {
    return this.#running?.signal;
  }

  /** Runs something that {@link interrupt} ends, or the signal. */
  async run<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    const running = new AbortController();
    this.#running = running;
    try {
      return await work(AbortSignal.any([running.signal, signal]));
    } finally {
      this.#running = undefined;
    }
  }
}
