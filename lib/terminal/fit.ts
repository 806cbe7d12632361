const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** A grapheme of more UTF-16 units is no character of any script, but an attack on the row. */
const maxGraphemeLength = 32;

/** Columns of one grapheme. Terminals disagree about joined emoji; the larger answer never wraps. */
function graphemeWidth(grapheme: string): number {
  let sum = 0;
  for (const character of grapheme) sum += Bun.stringWidth(character);
  return Math.max(sum, Bun.stringWidth(grapheme));
}

/** How many columns a text takes at most; text without escape sequences and controls. */
export function measureWidth(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += graphemeWidth(segment);
  return width;
}

/**
 * Cuts a text to a number of columns; what was cut ends in `…`. Takes text without escape sequences.
 *
 * @param columns 0 or less gives nothing
 */
export function cutToWidth(text: string, columns: number): string {
  if (columns <= 0) return "";
  let kept = "";
  let keptWidth = 0;
  let beforeEllipsis = "";
  // No more of a long text is looked at than can be shown.
  for (const { segment } of graphemes.segment(text.slice(0, columns * maxGraphemeLength))) {
    const width = graphemeWidth(segment);
    if (width === 0 || segment.length > maxGraphemeLength) continue;
    if (keptWidth + width > columns) return `${beforeEllipsis}…`;
    kept += segment;
    keptWidth += width;
    if (keptWidth < columns) beforeEllipsis = kept;
  }
  return kept;
}

/** Nobody reads more, and laying out many megabytes would keep the program from hearing Ctrl-C. */
const maxWrapped = 20_000;

/**
 * Breaks a text into rows at blanks; a word that is too long is cut into pieces. Keeps line breaks. Of a text of more
 * than 20,000 characters the rest is left out.
 *
 * @param columns at least 1; Infinity breaks nothing
 */
export function wrapText(text: string, columns: number): string[] {
  if (columns === Infinity) return text.split("\n").map((line) => line.trim().replace(/\s+/g, " "));
  const width = Math.max(1, columns);
  const rows: string[] = [];
  const shown = text.length > maxWrapped ? `${text.slice(0, maxWrapped)}…` : text;
  for (const line of shown.split("\n")) {
    let row = "";
    for (const word of line.split(/\s+/).filter((part) => part !== "")) {
      for (const piece of splitWord(word, width)) {
        const joined = row === "" ? piece : `${row} ${piece}`;
        if (measureWidth(joined) <= width) row = joined;
        else {
          rows.push(row);
          row = piece;
        }
      }
    }
    rows.push(row);
  }
  return rows;
}

/** Cuts a text without blanks into pieces that fit. */
export function splitWord(word: string, columns: number): string[] {
  if (measureWidth(word) <= columns) return [word];
  const pieces: string[] = [];
  let piece = "";
  let width = 0;
  for (const { segment } of graphemes.segment(word)) {
    const own = graphemeWidth(segment);
    if (width + own > columns && piece !== "") {
      pieces.push(piece);
      piece = "";
      width = 0;
    }
    piece += segment;
    width += own;
  }
  return [...pieces, piece];
}

/** Shows how long something took: `0.4s`, `12s`, `3m05s`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${(Math.floor(seconds * 10) / 10).toFixed(1)}s`;
  if (seconds < 60) return `${Math.floor(seconds)}s`;
  const minutes = Math.floor(seconds / 60);
  return `${minutes}m${String(Math.floor(seconds % 60)).padStart(2, "0")}s`;
}

/** Shows a number that came from elsewhere, shortly: `3`, `2.5`, `1.23e+21`. */
export function formatCount(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e9
    ? String(value)
    : String(Number(value.toPrecision(3)));
}

/** Shows a size: `812 B`, `12.3 kB`, `4.0 MB`. */
export function formatSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
