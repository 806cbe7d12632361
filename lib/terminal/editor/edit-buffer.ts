import { neutralise } from "../../base/text.ts";

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
/** A grapheme is looked for in this many UTF-16 units before or behind the cursor. */
const reach = 64;
const wordLeft = /[\p{L}\p{N}\p{M}_]*[^\p{L}\p{N}\p{M}_]*$/u;
const wordRight = /^[^\p{L}\p{N}\p{M}_]*[\p{L}\p{N}\p{M}_]*/u;
/** A prompt takes no more characters; what a person pastes beyond is cut. */
const maxLength = 1_000_000;

/** Text that is being typed, and where in it. The cursor never stands within a character that people see as one. */
export class EditBuffer {
  #text = "";
  #cursor = 0;
  #killed = "";

  get text(): string {
    return this.#text;
  }

  /** In UTF-16 units. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Puts another text in, with the cursor at its end. */
  set(text: string, cursor = text.length): void {
    this.#text = text;
    this.#cursor = Math.min(cursor, text.length);
  }

  /** Types or pastes; what a terminal would obey goes. */
  insert(text: string): void {
    const safe = neutralise(text).slice(0, Math.max(0, maxLength - this.#text.length));
    this.replace(this.#cursor, this.#cursor, safe);
  }

  /** Replaces a piece; the cursor comes behind what is new. */
  replace(start: number, end: number, text: string): void {
    this.#text = this.#text.slice(0, start) + text + this.#text.slice(end);
    this.#cursor = start + text.length;
  }

  left(): void {
    this.#cursor = this.#before();
  }

  right(): void {
    this.#cursor = this.#behind();
  }

  wordLeft(): void {
    this.#cursor = this.#wordStart();
  }

  wordRight(): void {
    this.#cursor = this.#wordEnd();
  }

  /** To the start of the line that the cursor is in. */
  home(): void {
    this.#cursor = this.#lineStart();
  }

  end(): void {
    this.#cursor = this.#lineEnd();
  }

  /** To the line above, if there is one. */
  up(): boolean {
    const start = this.#lineStart();
    if (start === 0) return false;
    const column = this.#cursor - start;
    const above = this.#text.lastIndexOf("\n", start - 2) + 1;
    this.#cursor = this.#snap(Math.min(above + column, start - 1));
    return true;
  }

  /** To the line below, if there is one. */
  down(): boolean {
    const end = this.#lineEnd();
    if (end === this.#text.length) return false;
    const column = this.#cursor - this.#lineStart();
    const next = this.#text.indexOf("\n", end + 1);
    this.#cursor = this.#snap(Math.min(end + 1 + column, next < 0 ? this.#text.length : next));
    return true;
  }

  backspace(): void {
    this.replace(this.#before(), this.#cursor, "");
  }

  delete(): void {
    const start = this.#cursor;
    this.replace(start, this.#behind(), "");
  }

  deleteWordLeft(): void {
    this.#kill(this.#wordStart(), this.#cursor);
  }

  deleteWordRight(): void {
    this.#kill(this.#cursor, this.#wordEnd());
  }

  /** Kills to the start of the line; at the start itself the line break before it. */
  killToStart(): void {
    const start = this.#lineStart();
    this.#kill(start === this.#cursor ? Math.max(0, start - 1) : start, this.#cursor);
  }

  killToEnd(): void {
    const end = this.#lineEnd();
    this.#kill(this.#cursor, end === this.#cursor ? Math.min(this.#text.length, end + 1) : end);
  }

  /** Inserts what was killed last. */
  yank(): void {
    this.insert(this.#killed);
  }

  #kill(start: number, end: number): void {
    if (start === end) return;
    this.#killed = this.#text.slice(start, end);
    this.replace(start, end, "");
  }

  #lineStart(): number {
    return this.#text.lastIndexOf("\n", this.#cursor - 1) + 1;
  }

  #lineEnd(): number {
    const end = this.#text.indexOf("\n", this.#cursor);
    return end < 0 ? this.#text.length : end;
  }

  #wordStart(): number {
    const [word = ""] = wordLeft.exec(this.#text.slice(Math.max(0, this.#cursor - 200), this.#cursor)) ?? [];
    return this.#cursor - word.length;
  }

  #wordEnd(): number {
    const [word = ""] = wordRight.exec(this.#text.slice(this.#cursor)) ?? [];
    return this.#cursor + word.length;
  }

  #before(): number {
    const last = [...graphemes.segment(this.#text.slice(Math.max(0, this.#cursor - reach), this.#cursor))].at(
      -1,
    );
    return this.#cursor - (last?.segment.length ?? 0);
  }

  #behind(): number {
    const [first] = graphemes.segment(this.#text.slice(this.#cursor, this.#cursor + reach));
    return this.#cursor + (first?.segment.length ?? 0);
  }

  /** The start of the grapheme that a position falls into. */
  #snap(position: number): number {
    const from = this.#text.lastIndexOf("\n", position - 1) + 1;
    const start = Math.max(from, position - reach);
    let at = start;
    for (const { segment } of graphemes.segment(this.#text.slice(start, position + reach))) {
      if (at + segment.length > position) break;
      at += segment.length;
    }
    return at;
  }
}
