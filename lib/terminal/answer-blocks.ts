import { cutToWidth, measureWidth } from "./fit.ts";
import type { LiveRow } from "./live-rows.ts";
import { renderMarkdown } from "./render-markdown.ts";
import { MarkdownSplitter, type OpenBlock } from "./split-markdown.ts";

/** Of a long block that is not finished only the end is rendered for the preview, in characters. */
const maxPreviewLength = 8000;

/** Where blocks go. */
export interface AnswerBlocksOptions {
  readonly color: boolean;
  /** Width to wrap at, asked for each block anew. */
  readonly columns: () => number;
  /** Takes rows that stay, one text with line feeds between them. */
  readonly print: (text: string) => void;
}

function toRow(text: string, columns: number): LiveRow {
  const plain = Bun.stripANSI(text);
  if (measureWidth(plain) <= columns) return { text, plain };
  const cut = cutToWidth(plain, columns);
  return { text: cut, plain: cut };
}

/** Renders an answer block by block as it comes: what is finished is printed, the rest is there for a preview. */
export class AnswerBlocks {
  readonly #options: AnswerBlocksOptions;
  #splitter = new MarkdownSplitter();
  /** Blocks of one text have a blank line between them. */
  #hasBlock = false;
  /** How many rows of the code block that is open are printed. */
  #printedRows = 0;

  constructor(options: AnswerBlocksOptions) {
    this.#options = options;
  }

  /** Takes the next piece of the answer. */
  push(piece: string): void {
    for (const block of this.#splitter.push(piece)) this.#printBlock(block);
    const { open } = this.#splitter;
    if (open?.isCode === true) this.#printCode(open);
  }

  /** Prints the rest; the next text begins anew. */
  finish(): void {
    for (const block of this.#splitter.finish()) this.#printBlock(block);
    this.#hasBlock = false;
  }

  /** The block that is not finished, as far as it has come: its last rows. */
  preview(columns: number, maxRows: number): LiveRow[] {
    const { open } = this.#splitter;
    if (!open) return [];
    const text = open.isCode ? open.text : open.text.slice(-maxPreviewLength);
    const rows = this.#render(text).slice(this.#printedRows);
    const gap = this.#needsGap() ? [""] : [];
    return [...gap, ...rows].slice(-maxRows).map((row) => toRow(row, columns));
  }

  #render(block: string): string[] {
    const { color, columns } = this.#options;
    return renderMarkdown(block, { color, columns: columns() });
  }

  #needsGap(): boolean {
    return this.#hasBlock && this.#printedRows === 0;
  }

  #printRows(rows: readonly string[]): void {
    if (rows.length === 0) return;
    this.#options.print([...(this.#needsGap() ? [""] : []), ...rows].join("\n"));
  }

  #printBlock(block: string): void {
    this.#printRows(this.#render(block).slice(this.#printedRows));
    this.#hasBlock = true;
    this.#printedRows = 0;
  }

  /** Rows of code do not change any more, but for the last and the frame below it. */
  #printCode({ text }: OpenBlock): void {
    const rows = this.#render(text).slice(0, -2);
    this.#printRows(rows.slice(this.#printedRows));
    this.#printedRows = Math.max(this.#printedRows, rows.length);
  }
}
