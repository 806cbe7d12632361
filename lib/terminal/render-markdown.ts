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

/** Code, which keeps what it says, or what is written otherwise: a picture, an address in angle brackets. */
const codePictureOrAddress = /(`+)[^]*?\1|!\[|<((?:[a-z][a-z0-9+.-]{1,31}:|[^\s<>@]{1,200}@)[^\s<>]*)>/gi;

/** What the renderer would take for an address and write twice, as text and as address. */
const bareAddress = /(?<=:)(?=\/\/)|(?<=www)(?=\.)|(?<=@)(?=\S)/gi;

/** Has no width, and is taken out again. */
const wordJoiner = "\u2060";

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

/** A picture becomes a link, so that its address shows; addresses stay as they are and stand there once. */
function prepareText(block: string): string {
  const plain = block.replace(codePictureOrAddress, (whole: string, ticks?: string, address?: string) => {
    if (ticks !== undefined) return whole;
    return address ?? "[";
  });
  return plain.replace(bareAddress, wordJoiner);
}

/**
 * Renders one block of Markdown from elsewhere for a terminal. What a terminal obeys is taken out before and after;
 * links show their address, and no hidden links (OSC 8) are made.
 *
 * @returns the rows; lines of code may be wider than the columns
 */
export function renderMarkdown(block: string, { columns, color }: MarkdownLayout): string[] {
  const isCode = /^\s*(?:```|~~~)/.test(block);
  const safe = neutralise(block);
  const source = isCode ? safe : prepareText(safe);
  const look = { colors: color, columns, hyperlinks: false, kittyGraphics: false };
  const rendered = keepStylesOnly(Bun.markdown.ansi(source, look));
  const shown = rendered.replaceAll(wordJoiner, "").replaceAll("\t", "    ");
  return shown.replace(/\n+$/, "").split("\n");
}
