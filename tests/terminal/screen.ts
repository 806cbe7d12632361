import type { OutputStream } from "../../lib/terminal/live-rows.ts";

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
const token =
  /\u001B\[([?0-9;]*)([A-Za-z])|\u001B.?|[\u0000-\u001F\u007F-\u009F]|[^\u0000-\u001F\u007F-\u009F]+/g;

/** One place on the screen: what stands there, and the styles (SGR codes) that it was printed with. */
export interface Cell {
  readonly text: string;
  readonly styles: readonly number[];
}

/** Codes that end styles: the first and the last that each of them ends. */
const endings = new Map([
  [0, [1, 107]],
  [22, [1, 2]],
  [23, [3, 3]],
  [24, [4, 4]],
  [27, [7, 7]],
  [39, [30, 38]],
] as const);

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
  #lines: Cell[][] = [[]];
  #styles: readonly number[] = [];
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
    const lines = this.#lines.map((cells) =>
      cells
        .map(({ text }) => text)
        .join("")
        .trimEnd(),
    );
    while (lines.at(-1) === "") lines.pop();
    return lines;
  }

  /** The same with its styles, line by line. */
  get cells(): readonly (readonly Cell[])[] {
    return this.#lines.slice(0, this.text.length);
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
    else for (const code of parameter.split(";")) this.#restyle(Number(code));
  }

  #restyle(code: number): void {
    const [first, last] = endings.get(code as 0) ?? [code, code];
    const kept = this.#styles.filter((style) => style < first || style > last);
    this.#styles = endings.has(code as 0) ? kept : [...kept, code];
  }

  #line(): Cell[] {
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
      while (line.length < this.#column) line.push({ text: " ", styles: [] });
      line[this.#column] = { text: segment, styles: this.#styles };
      for (let extra = 1; extra < width; extra++) line[this.#column + extra] = { text: "", styles: [] };
      this.#column += width;
      this.widest = Math.max(this.widest, this.#column);
    }
  }
}
