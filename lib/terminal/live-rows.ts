import { measureWidth } from "./fit.ts";

/** Where a terminal's text goes. `process.stderr` is one. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

const hideCursor = "\u001B[?25l";
const showCursor = "\u001B[?25h";
const eraseToEndOfLine = "\u001B[K";
const eraseBelow = "\u001B[J";

/** One row of the live area. */
export interface LiveRow {
  /** What is written, escape sequences for colour included. */
  readonly text: string;
  /** The same without escape sequences. */
  readonly plain: string;
}

/** Rows at the bottom of a terminal that are drawn over and over, with text that stays above them. */
export class LiveRows {
  readonly #stream: OutputStream;
  #drawn: readonly LiveRow[] = [];
  #isHidden = false;

  constructor(stream: OutputStream) {
    this.#stream = stream;
  }

  /** Columns that may be used; a terminal without a size says 0. The last one stays free, some terminals wrap when it is written. */
  get columns(): number {
    return Math.max(1, (this.#stream.columns || 80) - 1);
  }

  /** How many rows fit. The cursor cannot go back to rows that have scrolled away. */
  get maxRows(): number {
    return Math.max(1, (this.#stream.rows || 24) - 2);
  }

  /** Writes the lines that stay, and below them the rows as they are now, in one piece. */
  draw(lines: readonly string[], rows: readonly LiveRow[]): void {
    if (lines.length === 0 && rows.length === 0 && this.#drawn.length === 0) return;
    const back = this.#heightOfDrawn();
    const shown = [...lines, ...rows.map(({ text }) => text)].map((text) => `${eraseToEndOfLine}${text}\n`);
    const wantsCursor = rows.length === 0;
    const cursor = wantsCursor === this.#isHidden ? (wantsCursor ? showCursor : hideCursor) : "";
    this.#isHidden = !wantsCursor;
    // Lines that stay may be longer than a row; nothing old may stand where they run on.
    // What a person types meanwhile has moved the cursor to the right: the terminal shows it.
    const goBack = (back === 0 ? "" : `\r\u001B[${back}A`) + (lines.length === 0 ? "" : eraseBelow);
    const first = wantsCursor ? "" : cursor;
    this.#stream.write(`${first}${goBack}${shown.join("")}${eraseBelow}${wantsCursor ? cursor : ""}`);
    this.#drawn = rows;
  }

  /** A terminal that became narrower has broken the rows in pieces. */
  #heightOfDrawn(): number {
    const columns = this.#stream.columns || 80;
    let height = 0;
    for (const { plain } of this.#drawn) height += Math.max(1, Math.ceil(measureWidth(plain) / columns));
    return height;
  }
}
