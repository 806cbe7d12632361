import type { Log } from "../../lib/base/log.ts";

const drainLimitMs = 10_000;
const interruptedExitCode = 130;

/** What a program that serves waits for. */
export interface WaitOptions {
  readonly log: Log;
  /** Resolves when there is nobody left to serve; then it stops by itself. Default never. */
  readonly ended?: Promise<void>;
}

function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => resolve(name));
  });
}

/**
 * Waits for Ctrl-C, SIGTERM or the end of those who are served, then stops: running calls may finish within 10 s; a
 * signal while they do forces.
 *
 * @returns the exit code: 0, also when calls were cut off after 10 s; 130 when a signal forced
 */
export async function waitForStop(
  stop: (signal: AbortSignal) => Promise<void>,
  { log, ended }: WaitOptions,
): Promise<number> {
  const signal = await Promise.race([nextSignal(), ...(ended ? [ended] : [])]);
  if (signal) log.info("Stopping: running calls have 10 s to finish. Press Ctrl-C again to stop at once.");
  else log.debug("Standard input has ended: running calls have 10 s to finish.");
  const force = new AbortController();
  void nextSignal().then(() => force.abort());
  const limit = setTimeout(() => force.abort(), drainLimitMs);
  const startedAtMs = performance.now();
  await stop(force.signal);
  clearTimeout(limit);
  if (!force.signal.aborted) return 0;
  const wasLimit = performance.now() - startedAtMs >= drainLimitMs;
  log.warn(
    wasLimit ? "Calls and connections that were still open after 10 s were cut off." : "Stopped at once.",
  );
  return wasLimit ? 0 : interruptedExitCode;
}
