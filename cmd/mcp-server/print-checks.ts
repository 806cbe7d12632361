import type { AppError } from "../../lib/base/errors.ts";
import { toSafeJson } from "../../lib/base/text.ts";
import type { ServerOptions } from "../../lib/config/mcp-server.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { styleOf } from "../../lib/config/style-of.ts";
import type { CheckOutcome } from "../../lib/doctor/run-checks.ts";
import { renderCheck } from "../../lib/terminal/render-checks.ts";

/**
 * Prints rows as they come, or with `--json` one document at the end.
 *
 * @param subject members of that document beside the rows
 * @returns the exit code: that of the first failure
 */
export async function printChecks(
  { io, values }: Context<ServerOptions>,
  outcomes: AsyncIterable<CheckOutcome> | Iterable<CheckOutcome>,
  subject: object = {},
): Promise<number> {
  const { isTerminal, columns, hasColor: color } = styleOf(io, io.stdout);
  const layout = { columns: isTerminal ? columns : undefined, color };
  const reports: CheckOutcome["report"][] = [];
  let first: AppError | undefined;
  for await (const { report, failure } of outcomes) {
    reports.push(report);
    first ??= failure;
    if (!values.json) io.stdout.write(renderCheck(report, layout));
  }
  if (values.json) {
    io.stdout.write(`${toSafeJson({ ...subject, ok: first === undefined, checks: reports })}\n`);
  }
  return first?.exitCode ?? 0;
}
