import { neutraliseLine, toSafeJson } from "../base/text.ts";

/** A line of a server's log. Other people's text, made safe here. */
export interface ShownLogLine {
  readonly level: string;
  readonly logger?: string | undefined;
  readonly data: unknown;
}

/** Of a line, no more is shown; in characters. */
const maxLength = 4096;

/** A line of a server's log in one row, e.g. `server warning (db): slow query`. */
export function renderLogLine({ level, logger, data }: ShownLogLine): string {
  const text = typeof data === "string" ? data : toSafeJson(data ?? null);
  const part = logger === undefined ? "" : ` (${neutraliseLine(logger.slice(0, 200))})`;
  return `server ${level}${part}: ${neutraliseLine(text.slice(0, maxLength))}`;
}

/** The same for programs: one line of JSON with the type `log`. */
export function renderJsonLogLine({ level, logger, data }: ShownLogLine): string {
  return toSafeJson({ type: "log", level, logger, data });
}
