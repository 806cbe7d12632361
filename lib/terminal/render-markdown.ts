import { neutralise } from "../base/text.ts";

/** What Markdown is rendered for. */
export interface MarkdownLayout {
  /** Width to wrap at. */
  readonly columns: number;
  /** Without colour the structure stays, drawn in ASCII. */
  readonly color: boolean;
}

/** The one kind of escape sequence that may come out: colour and weight (SGR). */
const styleSequence = /(\u001B\[[0-9;]*m)/;

/** A link whose text is its address: `address (address)`. */
const repeatedAddress =
  /(\S{3,500})((?:\u001B\[24m\u001B\[39m)?)(?:\u001B\[2m)? \((?:mailto:)?\1(?:\u001B\[2m)?\)(?:\u001B\[39m\u001B\[22m)?/g;
/** The same, with a row's end before the second. */
const brokenAddress =
  /(\S{3,500})((?:\u001B\[24m\u001B\[39m)?)(?:\u001B\[2m)? \(\n(?:mailto:)?\1(?:\u001B\[2m)?\)(?:\u001B\[39m\u001B\[22m)? ?/g;

/** Code keeps what it says; elsewhere a picture becomes a link, so that its address shows. */
const codeOrPicture = /(`+)[^]*?\1|!\[/g;

/** Character references of control characters (`&#27;`) would come in through the back door. */
const numericReference = /&#(?:x([0-9a-f]{1,6})|(\d{1,7}));/gi;

function dropControlReference(whole: string, hex: string | undefined, decimal: string | undefined): string {
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  return code < 0x20 || (code >= 0x7f && code < 0xa0) ? "" : whole;
}

/**
 * Takes from what was rendered all that a terminal obeys but the styles: character references (`&rlm;`) bring some
 * back that were taken from the source.
 */
function keepStylesOnly(text: string): string {
  return text
    .split(styleSequence)
    .map((part, index) => (index % 2 === 1 ? part : neutralise(part)))
    .join("");
}

/**
 * Renders one block of Markdown from elsewhere for a terminal. What a terminal obeys is taken out before and after;
 * links show their address, and no hidden links (OSC 8) are made.
 *
 * @returns the rows; lines of code may be wider than the columns
 */
export function renderMarkdown(block: string, { columns, color }: MarkdownLayout): string[] {
  const isCode = /^\s*(?:```|~~~)/.test(block);
  const safe = neutralise(block).replace(numericReference, dropControlReference);
  const source = isCode ? safe : safe.replace(codeOrPicture, (match) => (match === "![" ? "[" : match));
  const rendered = Bun.markdown.ansi(source, {
    colors: color,
    columns,
    hyperlinks: false,
    kittyGraphics: false,
  });
  const shown = keepStylesOnly(rendered).replace(repeatedAddress, "$1$2").replace(brokenAddress, "$1$2\n");
  return shown.replace(/\n+$/, "").split("\n");
}
