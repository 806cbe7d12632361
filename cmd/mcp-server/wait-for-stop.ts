import type { Log } from "../../lib/base/log.ts";

const drainLimitMs = 10_000;
const interruptedExitCode = 130;

function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => resolve(name));
  });
}

/**
 * Waits for Ctrl-C or SIGTERM, then stops: running calls may finish within 10 s; a second signal forces.
 *
 * @returns the exit code: 0, also when calls were cut off after 10 s; 130 when a second signal forced
 */
export async function waitForStop(stop: (signal: AbortSignal) => Promise<void>, log: Log): Promise<number> {
  await nextSignal();
  log.info("Stopping: running calls have 10 s to finish. Press Ctrl-C again to stop at once.");
  const force = new AbortController();
  void nextSignal().then(() => force.abort());
  const limit = setTimeout(() => force.abort(), drainLimitMs);
  const startedAtMs = performance.now();
  await stop(force.signal);
  clearTimeout(limit);
  if (!force.signal.aborted) return 0;
  const wasLimit = performance.now() - startedAtMs >= drainLimitMs;
  log.warn(wasLimit ? "Calls that were still running after 10 s were cut off." : "Stopped at once.");
  return wasLimit ? 0 : interruptedExitCode;
}
