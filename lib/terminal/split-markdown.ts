/** Fences of code blocks (CommonMark 0.31, section 4.5). */
const fence = /^ {0,3}(`{3,}|~{3,})(.*)$/;
/** A fence within a list item stands further in. */
const anyFence = /^\s*(`{3,}|~{3,})(.*)$/;
const heading = /^ {0,3}#{1,6}(?:\s|$)/;
const listItem = /^\s*(?:[-*+]|\d{1,9}[.)])(?:\s|$)/;

/**
 * A block that grows beyond it, in characters, is ended there: each piece of an answer has the open block looked at
 * again, which for a very long one would take longer and longer.
 */
const maxOpenLength = 16_000;
/** What a line costs beside its characters. */
const lineLength = 20;

/** Pieces of a line that is too long, cut at a blank where there is one; the last is the rest. */
function cutLine(line: string): string[] {
  const pieces: string[] = [];
  let rest = line;
  while (rest.length > maxOpenLength) {
    const blank = rest.lastIndexOf(" ", maxOpenLength);
    const end = blank > 0 ? blank : maxOpenLength;
    pieces.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...pieces, rest];
}

/** What has come of a block that is not finished yet. */
export interface OpenBlock {
  readonly text: string;
  /** It is a code block whose end has not come: its lines stay as they are. */
  readonly isCode: boolean;
}

/**
 * Cuts a Markdown text that comes in pieces into its blocks, each of which can be rendered by itself. Lists stay in
 * one piece, so that they keep their numbers.
 */
export class MarkdownSplitter {
  #lines: string[] = [];
  #rest = "";
  /** Blank lines of a list: whether it goes on shows with the next line. */
  #blanks = 0;
  #openFence: string | undefined;
  #length = 0;

  /** Takes a piece and gives the blocks that it finishes. */
  push(piece: string): string[] {
    const lines = (this.#rest + piece).split("\n").flatMap(cutLine);
    this.#rest = lines.pop() ?? "";
    return lines.flatMap((line) => [...this.#take(line), ...this.#breakOff(line)]);
  }

  /** What is not finished yet; undefined when there is nothing. */
  get open(): OpenBlock | undefined {
    const lines = this.#rest === "" ? this.#lines : [...this.#lines, this.#rest];
    if (lines.length === 0) return undefined;
    const isCode = this.#openFence !== undefined && fence.test(this.#lines[0] ?? "");
    return { text: lines.join("\n"), isCode };
  }

  /** The last block, where there is one; then all begins anew. */
  finish(): string[] {
    const blocks = this.#rest === "" ? [] : this.#take(this.#rest);
    this.#rest = "";
    return [...blocks, ...this.#flush()];
  }

  #flush(): string[] {
    const block = this.#lines;
    this.#lines = [];
    this.#blanks = 0;
    this.#length = 0;
    this.#openFence = undefined;
    return block.length === 0 ? [] : [block.join("\n")];
  }

  /** Ends a block that has become too long; code goes on in a block of the same kind. */
  #breakOff(line: string): string[] {
    this.#length = this.#lines.length === 0 ? 0 : this.#length + line.length + lineLength;
    if (this.#length < maxOpenLength) return [];
    const mark = this.#openFence;
    if (mark === undefined) return this.#flush();
    const [first = ""] = this.#lines;
    const head = fence.test(first) ? first : mark;
    this.#lines.push(mark);
    const block = this.#flush();
    this.#lines = [head];
    this.#openFence = mark;
    return block;
  }

  #take(line: string): string[] {
    if (this.#openFence !== undefined) return this.#takeCode(line);
    if (line.trim() === "") return this.#takeBlank();
    const finished = this.#continues(line) ? [] : this.#flush();
    this.#lines.push(...Array.from({ length: this.#blanks }, () => ""), line);
    this.#blanks = 0;
    const [, mark, info = ""] = anyFence.exec(line) ?? [];
    // The info string of a fence of backticks has none.
    if (mark !== undefined && !(mark.startsWith("`") && info.includes("`"))) this.#openFence = mark;
    else if (heading.test(line)) return [...finished, ...this.#flush()];
    return finished;
  }

  #takeCode(line: string): string[] {
    this.#lines.push(line);
    const [, mark = "", info = ""] = anyFence.exec(line) ?? [];
    if (!mark.startsWith(this.#openFence ?? "") || mark === "" || info.trim() !== "") return [];
    this.#openFence = undefined;
    return this.#isList() ? [] : this.#flush();
  }

  #takeBlank(): string[] {
    if (!this.#isList()) return this.#flush();
    this.#blanks += 1;
    return [];
  }

  #isList(): boolean {
    return listItem.test(this.#lines[0] ?? "");
  }

  /** Whether a line belongs to the block before it. */
  #continues(line: string): boolean {
    if (this.#lines.length === 0) return true;
    if (this.#isList()) {
      return this.#blanks > 0 ? /^\s{2,}\S/.test(line) || listItem.test(line) : !heading.test(line);
    }
    return (
      !heading.test(line) && !fence.test(line) && !(listItem.test(line) && /^\s*(?:[-*+]|1[.)])/.test(line))
    );
  }
}
