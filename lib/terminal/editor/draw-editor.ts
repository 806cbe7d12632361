import { cutToWidth, measureWidth } from "../fit.ts";
import type { LiveCursor, LiveRow } from "../live-rows.ts";

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
/** Of a long text only this many characters before and behind the cursor are laid out. */
const maxAround = 4000;
const tab = "  ";

/** A text that is typed, as it is drawn. */
export interface ShownText {
  /** Before the first row, e.g. `> `. */
  readonly prompt: string;
  readonly text: string;
  /** In UTF-16 units. */
  readonly cursor: number;
}

/** Rows, and where in them the cursor is. */
export interface DrawnText {
  readonly rows: readonly LiveRow[];
  readonly cursor: LiveCursor;
}

/** A piece around the cursor; what is left out shows as `…`. */
function cutAround({ text, cursor }: ShownText): { readonly text: string; readonly cursor: number } {
  if (text.length <= 2 * maxAround) return { text, cursor };
  const start = Math.max(0, cursor - maxAround);
  const end = Math.min(text.length, cursor + maxAround);
  const head = start > 0 ? "…" : "";
  const tail = end < text.length ? "…" : "";
  return { text: head + text.slice(start, end) + tail, cursor: cursor - start + head.length };
}

/** A window of the rows in which the cursor is. */
function fitRows({ rows, cursor }: DrawnText, maxRows: number): DrawnText {
  if (rows.length <= maxRows) return { rows, cursor };
  const start = Math.min(Math.max(0, cursor.row - maxRows + 1), rows.length - maxRows);
  return { rows: rows.slice(start, start + maxRows), cursor: { ...cursor, row: cursor.row - start } };
}

/** Lays out a text of several lines that is being typed; lines that are too long go on in the next row. */
export function drawEditor(shown: ShownText, columns: number, maxRows: number): DrawnText {
  const { text, cursor } = cutAround(shown);
  const prompt = cutToWidth(shown.prompt, Math.max(1, columns - 2));
  const indent = " ".repeat(measureWidth(prompt));
  const rows: string[] = [];
  let row = prompt;
  let width = indent.length;
  let at = 0;
  let place: LiveCursor | undefined;
  const breakRow = () => {
    rows.push(row);
    row = indent;
    width = indent.length;
  };
  for (const { segment } of graphemes.segment(text)) {
    const shownSegment = segment === "\t" ? tab : segment;
    const own = segment === "\n" ? 0 : measureWidth(shownSegment);
    if (width + own > columns) breakRow();
    if (at <= cursor && cursor < at + segment.length) place = { row: rows.length, column: width };
    at += segment.length;
    if (segment === "\n") breakRow();
    else {
      row += shownSegment;
      width += own;
    }
  }
  if (!place && width >= columns) breakRow();
  place ??= { row: rows.length, column: width };
  const drawn = [...rows, row].map((line) => ({ text: line, plain: line }));
  return fitRows({ rows: drawn, cursor: place }, maxRows);
}
