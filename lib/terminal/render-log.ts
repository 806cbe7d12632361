import { neutraliseLine, toSafeJson } from "../base/text.ts";
import { wrapText } from "./fit.ts";

/** A line of a server's log. Other people's text, made safe here. */
export interface ShownLogLine {
  readonly level: string;
  readonly logger?: string | undefined;
  readonly data: unknown;
}

const goesOn = "  | ";

/** Of a line, no more is shown; in characters. */
const maxLength = 4096;

/** A line of a server's log in one row, e.g. `server warning (db): slow query`. */
export function renderLogLine({ level, logger, data }: ShownLogLine): string {
  const text = typeof data === "string" ? data : toSafeJson(data ?? null);
  const part = logger === undefined ? "" : ` (${neutraliseLine(logger.slice(0, 200))})`;
  return `server ${level}${part}: ${neutraliseLine(text.slice(0, maxLength))}`;
}

/** The same below a prompt or a question: further rows carry a mark, so that none of them can pass for ours. */
export function layOutLogLine(line: ShownLogLine, columns: number): string {
  const [first = "", ...rest] = wrapText(renderLogLine(line), columns - goesOn.length);
  return [first, ...rest.map((row) => goesOn + row)].join("\n");
}

/** The same for programs: one line of JSON with the type `log`. */
export function renderJsonLogLine({ level, logger, data }: ShownLogLine): string {
  return toSafeJson({ type: "log", level, logger, data });
}
