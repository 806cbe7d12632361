import { neutralise } from "../base/text.ts";
import { cutToWidth, measureWidth, wrapText } from "./fit.ts";

/** More of a text is not shown, in rows. */
const maxRows = 12;
const mark = "  | ";

/**
 * Shows what somebody else says below or behind a sentence of ours: in the same row where it fits, else in rows of its
 * own with a mark before each, so that none of them can pass for ours.
 */
export function quoteText(sentence: string, text: string, columns: number): string[] {
  const safe = neutralise(text).trim();
  if (safe === "") return [sentence];
  const inOneRow = `${sentence}: ${safe}`;
  if (!safe.includes("\n") && measureWidth(Bun.stripANSI(inOneRow)) <= columns) return [inOneRow];
  const rows = wrapText(safe, columns - mark.length);
  const shown = rows.slice(0, maxRows).map((row) => mark + cutToWidth(row, columns - mark.length));
  return [`${sentence}:`, ...shown, ...(rows.length > maxRows ? [`${mark}…`] : [])];
}
