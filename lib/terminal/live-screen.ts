import { type LiveCursor, type LiveRow, LiveRows, type OutputStream } from "./live-rows.ts";

/** At most so often a frame is drawn that nobody's key has caused. */
const frameMs = 100;

/** What is drawn at one place of the live area. */
export interface Section {
  /** The rows as they are now, none wider than `columns`. */
  rows(columns: number, maxRows: number): readonly LiveRow[];
  /** Where a person types in these rows. */
  cursor?(): LiveCursor | undefined;
  /** Whether its rows change by themselves, as a spinner does. */
  isMoving?(): boolean;
}

/** The places of the live area, from top to bottom. */
const places = ["answer", "calls", "editor"] as const;
export type Place = (typeof places)[number];

/**
 * The one owner of a terminal: text that stays, and below it what is drawn over and over (an answer that grows, the
 * running calls, the line that is typed). Each frame is one write.
 */
export class LiveScreen {
  readonly #live: LiveRows;
  readonly #sections = new Map<Place, Section>();
  #lines: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isDirty = false;

  constructor(stream: OutputStream) {
    this.#live = new LiveRows(stream);
  }

  /** Columns that may be used. */
  get columns(): number {
    return this.#live.columns;
  }

  /** Puts something at a place, or clears it. It is drawn with the next frame. */
  setSection(place: Place, section: Section | undefined): void {
    if (section) this.#sections.set(place, section);
    else this.#sections.delete(place);
    this.refresh();
  }

  /** Whether something is drawn at a place. */
  has(place: Place): boolean {
    return this.#sections.has(place);
  }

  /** Adds text that stays, above the live area; the caller makes it safe. A line feed at its end is not needed. */
  print(text: string): void {
    this.#lines.push(...text.replace(/\n$/, "").split("\n"));
    this.refresh();
  }

  /** Has a frame drawn: at once, or with the next frame if there just was one. */
  refresh(): void {
    this.#isDirty = true;
    if (this.#timer === undefined) this.draw();
  }

  /** Draws a frame now. */
  draw(): void {
    this.#isDirty = false;
    const lines = this.#lines;
    this.#lines = [];
    const { rows, cursor } = this.#compose();
    this.#live.draw(lines, rows, cursor);
    this.#timer ??= setTimeout(() => this.#tick(), frameMs);
    this.#timer.unref();
  }

  #tick(): void {
    this.#timer = undefined;
    const isMoving = [...this.#sections.values()].some((section) => section.isMoving?.() === true);
    if (this.#isDirty || isMoving) this.draw();
  }

  /** Leaves what is drawn where it is, and others may write; the next frame is drawn below. */
  leave(): void {
    this.#live.leave();
  }

  /** Empties the terminal and draws the live area at its top. */
  clear(): void {
    this.#live.clear();
    this.draw();
  }

  /** Draws what is left, and leaves the terminal to others. It may be used again. */
  release(): void {
    this.#sections.clear();
    this.draw();
  }

  /** The line that is typed gets its rows first, the answer what is left. */
  #compose(): { readonly rows: LiveRow[]; readonly cursor: LiveCursor | undefined } {
    const { columns } = this.#live;
    let room = this.#live.maxRows;
    let rows: readonly LiveRow[] = [];
    let cursor: LiveCursor | undefined;
    for (const place of places.toReversed()) {
      const section = this.#sections.get(place);
      const own = section && room > 0 ? section.rows(columns, room) : [];
      const at = section?.cursor?.();
      if (cursor) cursor = { ...cursor, row: cursor.row + own.length };
      else if (at) cursor = at;
      rows = [...own, ...rows];
      room -= own.length;
    }
    return { rows: [...rows], cursor };
  }
}
