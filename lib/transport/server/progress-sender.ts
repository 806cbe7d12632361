import type { ProgressUpdate } from "../../base/events.ts";

/** `params` of `notifications/progress`. */
export type ProgressParams = { progressToken: string | number; progress: number };

/** Tells the caller of one request how far it is. */
export interface ProgressSender {
  /** Absent when the caller did not ask. */
  readonly onProgress: ((update: ProgressUpdate) => void) | undefined;
  /** Resolves when everything sent so far has left, or failed to. */
  flush(): Promise<void>;
}

/**
 * Sends progress in order, one notification after the other. Progress must never follow the result: a handler
 * flushes before it returns.
 *
 * @param progressToken of the request; 0 and the empty string are tokens too
 * @see MCP 2026-07-28 basic/utilities/progress
 */
export function createProgressSender(
  progressToken: string | number | undefined,
  notify: (params: ProgressParams) => Promise<void>,
): ProgressSender {
  let last: Promise<void> = Promise.resolve();
  if (progressToken === undefined) return { onProgress: undefined, flush: () => last };
  return {
    onProgress(update) {
      // A caller who has gone away does not make the call fail.
      last = last.then(() => notify({ progressToken, ...update })).catch(() => {});
    },
    flush: () => last,
  };
}
