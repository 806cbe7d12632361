import { AppError } from "../base/errors.ts";

const interruptedExitCode = 130;

/**
 * A signal that fires with Ctrl-C or SIGTERM, so that running work is cancelled; a second one ends at once.
 *
 * @param takeInterrupt asked first with Ctrl-C: whether it ended something smaller. Default: it did not
 */
export function watchInterrupt(takeInterrupt?: () => boolean): AbortSignal {
  const interrupt = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (name === "SIGINT" && !interrupt.signal.aborted && takeInterrupt?.() === true) return;
      if (interrupt.signal.aborted) process.exit(interruptedExitCode);
      interrupt.abort(new AppError("interrupted", "Interrupted."));
    });
  }
  return interrupt.signal;
}
