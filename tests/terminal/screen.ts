import type { OutputStream } from "../../lib/terminal/live-rows.ts";

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
const token =
  /\u001B\[([?0-9;]*)([A-Za-z])|\u001B.?|[\u0000-\u001F\u007F-\u009F]|[^\u0000-\u001F\u007F-\u009F]+/g;

/** A terminal that remembers what it shows, what it was sent, and what it should not have been sent. */
export class Screen implements OutputStream {
  readonly isTTY = true;
  columns: number;
  rows: number;
  /** Each piece in which text came. */
  readonly writes: string[] = [];
  /** Escape sequences and control characters that nobody of ours sends. */
  readonly violations: string[] = [];
  /** How often a row ran over the right edge. */
  wraps = 0;
  /** The most columns that a row took. */
  widest = 0;
  isCursorVisible = true;
  #lines: string[][] = [[]];
  #row = 0;
  #column = 0;

  constructor(columns = 80, rows = 24) {
    this.columns = columns;
    this.rows = rows;
  }

  /** Where the cursor is, counted from 0. */
  get cursor(): { row: number; column: number } {
    return { row: this.#row, column: this.#column };
  }

  /** What is to be seen, scrolled-away rows included, without blanks at the ends. */
  get text(): string[] {
    const lines = this.#lines.map((cells) => cells.join("").trimEnd());
    while (lines.at(-1) === "") lines.pop();
    return lines;
  }

  write(text: string): boolean {
    this.writes.push(text);
    for (const match of text.matchAll(token)) {
      const [whole, parameter = "", final] = match;
      if (final !== undefined) this.#obey(parameter, final, whole);
      else if (whole === "\n") this.#moveTo(this.#row + 1, 0);
      else if (whole === "\r") this.#column = 0;
      else if (/^[\u0000-\u001F\u007F-\u009F]/.test(whole)) this.violations.push(JSON.stringify(whole));
      else this.#print(whole);
    }
    return true;
  }

  #obey(parameter: string, final: string, whole: string): void {
    const count = parameter === "" ? 1 : Number(parameter);
    const top = Math.max(0, this.#lines.length - this.rows);
    if (/^\u001B\[\?(2026|2004)[hl]$/.test(whole)) return;
    if (whole === "\u001B[H") {
      this.#row = 0;
      this.#column = 0;
    } else if (final === "C") this.#column += count;
    else if (final === "A") this.#row = Math.max(top, this.#row - count);
    else if (final === "K" && parameter === "")
      this.#line().length = Math.min(this.#line().length, this.#column);
    else if (final === "J" && parameter === "") {
      this.#line().length = Math.min(this.#line().length, this.#column);
      this.#lines.length = this.#row + 1;
    } else if (whole === "\u001B[?25l") this.isCursorVisible = false;
    else if (whole === "\u001B[?25h") this.isCursorVisible = true;
    else if (final !== "m") this.violations.push(JSON.stringify(whole));
  }

  #line(): string[] {
    return (this.#lines[this.#row] ??= []);
  }

  #moveTo(row: number, column: number): void {
    this.#row = row;
    this.#column = column;
    this.#line();
  }

  #print(text: string): void {
    for (const { segment } of graphemes.segment(text)) {
      const width = Bun.stringWidth(segment);
      if (/[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/.test(segment)) this.violations.push("bidi");
      if (this.#column + width > this.columns) {
        this.wraps++;
        this.#moveTo(this.#row + 1, 0);
      }
      const line = this.#line();
      while (line.length < this.#column) line.push(" ");
      line[this.#column] = segment;
      for (let extra = 1; extra < width; extra++) line[this.#column + extra] = "";
      this.#column += width;
      this.widest = Math.max(this.widest, this.#column);
    }
  }
}
