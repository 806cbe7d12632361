import type { ProgressUpdate } from "../base/events.ts";

/** Passes a tool's progress on by MCP's rules. */
export interface ProgressReporter {
  report(update: ProgressUpdate): void;
  /** After this nothing is passed on. */
  close(): void;
}

/**
 * Holds a tool to MCP's rules for progress: it goes only to callers who asked for it, grows with every update,
 * and never follows the result.
 *
 * @see MCP 2026-07-28 basic/utilities/progress
 */
export function createProgressReporter(
  send: ((update: ProgressUpdate) => void) | undefined,
): ProgressReporter {
  let last = Number.NEGATIVE_INFINITY;
  let isOpen = send !== undefined;
  return {
    report(update) {
      if (!isOpen || !Number.isFinite(update.progress) || update.progress <= last) return;
      last = update.progress;
      send?.(update);
    },
    close() {
      isOpen = false;
    },
  };
}
