import { AppError } from "../../base/errors.ts";

const blank = /[ \t\r\n]/;

/** Takes the part between quotes; in double quotes `\"` and `\\` stand for `"` and `\`. */
function readQuoted(text: string, start: number): { readonly part: string; readonly end: number } {
  const mark = text[start];
  let part = "";
  for (let index = start + 1; index < text.length; index++) {
    const next = text[index + 1];
    if (text[index] === mark) return { part, end: index };
    const isEscape = mark === '"' && text[index] === "\\" && (next === '"' || next === "\\");
    if (isEscape) index++;
    part += text[index];
  }
  throw new AppError("usage", "The token command has a quote that is not closed.");
}

/**
 * Splits a command line into words as a shell does, and does nothing else that a shell does: blanks separate,
 * `'...'` and `"..."` keep together, in double quotes `\"` and `\\` are escapes. A backslash elsewhere is itself, as
 * in paths of Windows.
 *
 * @throws `usage` for a quote that is not closed, and for nothing
 */
export function splitCommand(text: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let index = 0; index < text.length; index++) {
    const character = text[index] ?? "";
    if (character === "'" || character === '"') {
      const { part, end } = readQuoted(text, index);
      word = (word ?? "") + part;
      index = end;
    } else if (!blank.test(character)) {
      word = (word ?? "") + character;
    } else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (word !== undefined) words.push(word);
  if (words[0] === undefined || words[0] === "") throw new AppError("usage", "The token command is empty.");
  return words;
}
