import { type Clock, systemClock } from "../base/clock.ts";
import type { ProgressUpdate } from "../base/events.ts";

/** Passes a tool's progress on by MCP's rules. */
export interface ProgressReporter {
  report(update: ProgressUpdate): void;
  /** Passes on what was held back last; after this nothing is passed on. */
  close(): void;
  /** As `close`, for a caller who no longer listens: what was held back is dropped. */
  drop(): void;
}

/** For callers who did not ask. */
const silent: ProgressReporter = { report() {}, close() {}, drop() {} };

/** Updates that pass at once. Together with those that come back in a second: 10 in any second. */
const burst = 5;
/** Milliseconds after which one more may pass. */
const intervalMs = 200;

/**
 * Holds a tool to MCP's rules for progress: it goes only to callers who asked for it, grows with every update, and
 * never follows the result. Of a tool that reports too often 10 updates pass in any second at most; what comes
 * between is left out, and the last one is always passed on.
 *
 * @see MCP 2026-07-28 basic/utilities/progress
 */
export function createProgressReporter(
  send: ((update: ProgressUpdate) => void) | undefined,
  clock: Clock = systemClock,
): ProgressReporter {
  if (!send) return silent;
  let last = Number.NEGATIVE_INFINITY;
  let isOpen = true;
  let held: ProgressUpdate | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** When all of the burst may pass again. */
  let quietAtMs = 0;

  function passHeld(): void {
    clearTimeout(timer);
    timer = undefined;
    if (!held) return;
    quietAtMs = Math.max(clock.nowMs(), quietAtMs) + intervalMs;
    send?.(held);
    held = undefined;
  }

  function drop(): void {
    isOpen = false;
    held = undefined;
    clearTimeout(timer);
  }

  return {
    report(update) {
      if (!isOpen || !Number.isFinite(update.progress) || update.progress <= last) return;
      last = update.progress;
      held = update;
      if (timer) return;
      const waitMs = quietAtMs - (burst - 1) * intervalMs - clock.nowMs();
      if (waitMs <= 0) passHeld();
      else timer = setTimeout(passHeld, waitMs);
    },
    close() {
      passHeld();
      drop();
    },
    drop,
  };
}
