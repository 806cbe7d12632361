import { neutraliseLine } from "../../base/text.ts";
import { cutToWidth } from "../fit.ts";
import type { LiveCursor, LiveRow } from "../live-rows.ts";
import type { Section } from "../live-screen.ts";
import {
  type Candidate,
  cleanCandidates,
  type Complete,
  drawCandidates,
  findCommonStart,
} from "./completion.ts";
import type { Key, KeyName } from "./decode-keys.ts";
import { drawEditor } from "./draw-editor.ts";
import { EditBuffer } from "./edit-buffer.ts";
import type { PromptHistory } from "./prompt-history.ts";

/** How a line is read. */
export interface LineEditorOptions {
  readonly prompt: string;
  /** What stands there at first. */
  readonly initial?: string | undefined;
  /** Whether Alt-Enter and a backslash at the end begin another line. Pasted lines always stay together. */
  readonly hasLines?: boolean | undefined;
  readonly history?: PromptHistory | undefined;
  readonly complete?: Complete | undefined;
}

/** What a person did with a line. */
export type LineEvent =
  | { readonly type: "line"; readonly text: string }
  /** Ctrl-C; `hadText` says whether there was something to throw away. */
  | { readonly type: "interrupt"; readonly hadText: boolean }
  /** Escape in an empty line. */
  | { readonly type: "cancel" }
  /** Ctrl-D in an empty line, the end of the input, or the signal. */
  | { readonly type: "end" };

/** What an editor needs of its surroundings. */
interface Surroundings {
  readonly done: (event: LineEvent) => void;
  /** Something looks different now. */
  readonly changed: () => void;
  /** Ctrl-L and Ctrl-Z. */
  readonly clear: () => void;
  readonly suspend: () => void;
}

interface Search {
  query: string;
  skip: number;
  readonly before: string;
}

/** A line that a person types: keys change it, and it is drawn as a part of the live area. */
export class LineEditor implements Section {
  readonly #options: LineEditorOptions;
  readonly #surroundings: Surroundings;
  readonly #buffer = new EditBuffer();
  readonly #completing = new AbortController();
  #cursor: LiveCursor | undefined;
  #candidates: readonly Candidate[] = [];
  #search: Search | undefined;

  constructor(options: LineEditorOptions, surroundings: Surroundings) {
    this.#options = options;
    this.#surroundings = surroundings;
    this.#buffer.insert(options.initial ?? "");
    options.history?.rewind();
  }

  get text(): string {
    return this.#buffer.text;
  }

  /** Ends what runs for the editor. */
  close(): void {
    this.#completing.abort();
  }

  take(key: Key): void {
    this.#candidates = [];
    if (this.#search) this.#takeInSearch(this.#search, key);
    else if (key.type === "press") this.#press(key.name);
    else this.#buffer.insert(key.text);
    // The terminal belongs to others until the program goes on.
    if (key.type !== "press" || key.name !== "suspend") this.#surroundings.changed();
  }

  rows(columns: number, maxRows: number): readonly LiveRow[] {
    const { text, cursor } = this.#buffer;
    const prompt = this.#search
      ? `(search) ${cutToWidth(neutraliseLine(this.#search.query), 30)}: `
      : this.#options.prompt;
    const drawn = drawEditor({ prompt, text, cursor }, columns, maxRows);
    this.#cursor = drawn.cursor;
    const room = maxRows - drawn.rows.length;
    return [...drawn.rows, ...drawCandidates(this.#candidates, columns, room)];
  }

  cursor(): LiveCursor | undefined {
    return this.#cursor;
  }

  #press(name: KeyName): void {
    const buffer = this.#buffer;
    switch (name) {
      case "enter":
        return this.#enter();
      case "interrupt":
        return this.#surroundings.done({ type: "interrupt", hadText: buffer.text !== "" });
      case "end-of-input":
        return buffer.text === "" ? this.#surroundings.done({ type: "end" }) : buffer.delete();
      case "escape":
        return buffer.text === "" ? this.#surroundings.done({ type: "cancel" }) : undefined;
      case "tab":
        return void this.#complete();
      case "redraw":
        return this.#surroundings.clear();
      case "suspend":
        return this.#surroundings.suspend();
      case "up":
        return void (buffer.up() || this.#show(this.#options.history?.older(buffer.text)));
      case "down":
        return void (buffer.down() || this.#show(this.#options.history?.newer()));
      case "search":
        if (this.#options.history) this.#search = { query: "", skip: 0, before: buffer.text };
        return;
      case "new-line":
        return this.#options.hasLines === true ? buffer.insert("\n") : undefined;
      default:
        return this.#edit(name);
    }
  }

  #edit(name: KeyName): void {
    const buffer = this.#buffer;
    const edits: Partial<Record<KeyName, () => void>> = {
      left: () => buffer.left(),
      right: () => buffer.right(),
      "word-left": () => buffer.wordLeft(),
      "word-right": () => buffer.wordRight(),
      home: () => buffer.home(),
      end: () => buffer.end(),
      backspace: () => buffer.backspace(),
      delete: () => buffer.delete(),
      "delete-word-left": () => buffer.deleteWordLeft(),
      "delete-word-right": () => buffer.deleteWordRight(),
      "kill-to-start": () => buffer.killToStart(),
      "kill-to-end": () => buffer.killToEnd(),
      yank: () => buffer.yank(),
    };
    edits[name]?.();
  }

  #enter(): void {
    const { text, cursor } = this.#buffer;
    const goesOn = this.#options.hasLines === true && cursor === text.length && /(?<!\\)\\$/.test(text);
    if (goesOn) return this.#buffer.replace(text.length - 1, text.length, "\n");
    this.#surroundings.done({ type: "line", text });
  }

  #show(text: string | undefined): void {
    if (text !== undefined) this.#buffer.set(text);
  }

  #takeInSearch(search: Search, key: Key): void {
    if (key.type !== "press") {
      search.query += key.text;
      search.skip = 0;
    } else if (key.name === "search") search.skip += 1;
    else if (key.name === "backspace") {
      search.query = search.query.slice(0, -1);
      search.skip = 0;
    } else {
      this.#search = undefined;
      if (key.name === "interrupt") return this.#buffer.set(search.before);
      // Escape takes what was found; every other key does, too, and then what it always does.
      return key.name === "escape" ? undefined : this.#press(key.name);
    }
    const found = this.#options.history?.find(search.query, search.skip);
    if (found !== undefined) this.#buffer.set(found);
    else if (search.skip > 0) search.skip -= 1;
  }

  async #complete(): Promise<void> {
    const { complete } = this.#options;
    if (!complete) return;
    const { text, cursor } = this.#buffer;
    const { signal } = this.#completing;
    try {
      const { start, candidates } = await complete(text.slice(0, cursor), { signal });
      const isCurrent = this.#buffer.text === text && this.#buffer.cursor === cursor && !signal.aborted;
      if (isCurrent) this.#offer(start, cleanCandidates(candidates));
    } catch {
      // A server that cannot say it is as good as one that has nothing to say.
    }
  }

  #offer(start: number, candidates: readonly Candidate[]): void {
    const { text, cursor } = this.#buffer;
    const begun = text.slice(start, cursor);
    const common = findCommonStart(candidates);
    const isOnly = candidates.length === 1;
    const isLonger = common.length > begun.length || (isOnly && common !== begun);
    const gap = isOnly && !/[\s:=/]$/.test(common) ? " " : "";
    if (isLonger || isOnly) this.#buffer.replace(start, cursor, common + gap);
    else this.#candidates = candidates;
    this.#surroundings.changed();
  }
}
