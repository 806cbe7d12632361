import type { ProgressUpdate } from "../../base/events.ts";
import type { Operation } from "./operation.ts";

/**
 * Lets only growing values through, and none once the operation has ended, whatever the server sends. Each
 * report, also one that is dropped, is a sign of life.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/utilities/progress
 */
export function growingOnly(
  report: (update: ProgressUpdate) => void,
  operation: Pick<Operation, "touch" | "isFinished">,
): (update: ProgressUpdate) => void {
  let last = Number.NEGATIVE_INFINITY;
  return ({ progress, total, message }) => {
    operation.touch();
    if (operation.isFinished || !(progress > last)) return;
    last = progress;
    report({ progress, ...(total !== undefined && { total }), ...(message !== undefined && { message }) });
  };
}
