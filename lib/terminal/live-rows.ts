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
/** Terminals that know it show a frame in one piece; the others ignore it. */
const beginFrame = "\u001B[?2026h";
const endFrame = "\u001B[?2026l";

/** One row of the live area. */
export interface LiveRow {
  /** What is written, escape sequences for colour included. */
  readonly text: string;
  /** The same without escape sequences. */
  readonly plain: string;
}

/** Where in the live area a person types. Both count from 0. */
export interface LiveCursor {
  readonly row: number;
  readonly column: number;
}

/** Rows at the bottom of a terminal that are drawn over and over, with text that stays above them. */
export class LiveRows {
  readonly #stream: OutputStream;
  #drawn: readonly LiveRow[] = [];
  /** Where the cursor was left; undefined: below the rows. */
  #cursor: LiveCursor | undefined;
  #isHidden = false;
  #last = "";

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
  draw(lines: readonly string[], rows: readonly LiveRow[], cursor?: LiveCursor): void {
    if (lines.length === 0 && rows.length === 0 && this.#drawn.length === 0) return;
    const back = this.#heightAboveCursor();
    // Lines that stay may be longer than a row; nothing old may stand where they run on.
    // What a person types meanwhile has moved the cursor to the right: the terminal shows it.
    const isBack = this.#drawn.length > 0;
    const up = back === 0 ? "" : `\u001B[${back}A`;
    const goBack = (isBack ? `\r${up}` : "") + (lines.length === 0 ? "" : eraseBelow);
    const stay = lines.map((text) => `${eraseToEndOfLine}${text}\n`).join("");
    // Erased behind the text and not before: a row whose beginning stays the same does not blink.
    const live = rows.map(({ text }) => `${text}${eraseToEndOfLine}`).join("\n");
    const tail = rows.length === 0 || cursor ? "" : "\n";
    const isShown = rows.length === 0 || cursor !== undefined;
    const change = isShown === this.#isHidden ? (isShown ? showCursor : hideCursor) : "";
    const body = `${goBack}${stay}${live}${tail}${eraseBelow}${this.#place(rows, cursor)}`;
    this.#drawn = rows;
    this.#cursor = cursor;
    this.#isHidden = !isShown;
    if (body === this.#last && lines.length === 0 && change === "") return;
    this.#last = body;
    const [first, last] = isShown ? ["", change] : [change, ""];
    this.#stream.write(`${first}${beginFrame}${body}${endFrame}${last}`);
  }

  /** Leaves the rows where they are, the cursor below them: what is drawn next begins anew. */
  leave(): void {
    const below = this.#cursor ? this.#drawn.length - this.#cursor.row : 0;
    if (this.#drawn.length > 0) this.#stream.write("\n".repeat(below));
    this.#forget();
  }

  /** Empties the screen; what is drawn next stands at its top. */
  clear(): void {
    this.#stream.write("\u001B[H\u001B[J");
    this.#forget();
  }

  #forget(): void {
    this.#drawn = [];
    this.#cursor = undefined;
    this.#last = "";
  }

  #place(rows: readonly LiveRow[], cursor: LiveCursor | undefined): string {
    if (!cursor || rows.length === 0) return "";
    const up = rows.length - 1 - cursor.row;
    const right = cursor.column === 0 ? "" : `\u001B[${cursor.column}C`;
    return `\r${up <= 0 ? "" : `\u001B[${up}A`}${right}`;
  }

  /** A terminal that became narrower has broken the rows in pieces. */
  #heightAboveCursor(): number {
    const columns = this.#stream.columns || 80;
    const above = this.#cursor ? this.#drawn.slice(0, this.#cursor.row) : this.#drawn;
    let height = this.#cursor ? Math.floor(this.#cursor.column / columns) : 0;
    for (const { plain } of above) height += Math.max(1, Math.ceil(measureWidth(plain) / columns));
    return height;
  }
}
