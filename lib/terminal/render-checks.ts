import { neutraliseLine } from "../base/text.ts";
import { wrapText } from "./fit.ts";
import { createStyle, type Style } from "./style.ts";

/** A check as it is shown. */
export interface ShownCheck {
  readonly title: string;
  readonly status: "ok" | "warning" | "skipped" | "failed";
  readonly found: string;
  readonly remedy?: string | undefined;
}

/** What a check is laid out for; without columns every sentence stays on its line. */
export interface CheckLayout {
  readonly columns: number | undefined;
  readonly color: boolean;
}

const titleColumns = 12;
const indentColumns = titleColumns + 2;

function markOf(status: ShownCheck["status"], style: Style): string {
  switch (status) {
    case "ok":
      return style.good("✓");
    case "failed":
      return style.bad("✗");
    case "warning":
      return style.accent("!");
    case "skipped":
      return style.faint("-");
  }
}

function layOut(text: string, columns: number | undefined): string[] {
  const line = neutraliseLine(text);
  return columns === undefined ? [line] : wrapText(line, Math.max(24, columns - indentColumns));
}

/** One row for a check, what to do about it below. */
export function renderCheck({ title, status, found, remedy }: ShownCheck, layout: CheckLayout): string {
  const { columns, color } = layout;
  const style = createStyle(color);
  const paint = status === "skipped" ? style.faint : (text: string) => text;
  const rows = layOut(found, columns).map(paint);
  const remedies = remedy === undefined ? [] : layOut(remedy, columns).map(style.accent);
  const indent = " ".repeat(indentColumns);
  const head = `${markOf(status, style)} ${title.padEnd(titleColumns)}`;
  return `${[`${head}${rows[0] ?? ""}`, ...[...rows.slice(1), ...remedies].map((row) => indent + row)].join("\n")}\n`;
}
