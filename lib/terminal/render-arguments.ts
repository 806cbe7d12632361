import { measureWidth, splitWord } from "./fit.ts";

/**
 * Characters that are not seen, or that change how others are seen; also blanks that are none of ours, and the letters
 * and signs that look like one.
 */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu;

/** More rows are shown only when a person wants them. */
const maxRows = 20;
/** Of more rows that many are shown. */
const headRows = 14;

function escape(character: string): string {
  if (character === "\n") return character;
  return [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`)
    .join("");
}

/** Text from elsewhere in which nothing is hidden: what cannot be seen is escaped, line feeds apart. */
export function showUnseen(text: string): string {
  return text.replace(unseen, escape);
}

function toJson(args: unknown): string {
  return showUnseen(JSON.stringify(args, undefined, 2) ?? "");
}

/** Stands before what goes on from the row above: a long text must not look like the next member. */
const goesOn = "> ";

function layOut(json: string, columns: number): string[] {
  return json.split("\n").flatMap((line) => {
    const indent = /^ */.exec(line)?.[0] ?? "";
    if (measureWidth(line) <= columns - 2) return [`  ${line}`];
    const room = Math.max(10, columns - 2 - indent.length - goesOn.length);
    const pieces = splitWord(line.slice(indent.length), room);
    return pieces.map((piece, at) => `  ${indent}${at === 0 ? "" : goesOn}${piece}`);
  });
}

/** Arguments in full, as JSON in which nothing is hidden: what cannot be seen is escaped. */
export function renderArguments(args: unknown, columns: number): string[] {
  return layOut(toJson(args), columns);
}

/** The beginning of arguments; `total` is how many characters there are when that is not all of them. */
export interface ArgumentsPreview {
  readonly rows: readonly string[];
  readonly total: number | undefined;
}

/** Arguments as {@link renderArguments} shows them, where they are long only their beginning. */
export function previewArguments(args: unknown, columns: number): ArgumentsPreview {
  const json = toJson(args);
  const rows = layOut(json.slice(0, maxRows * columns), columns);
  const isAll = json.length <= maxRows * columns && rows.length <= maxRows;
  return isAll ? { rows, total: undefined } : { rows: rows.slice(0, headRows), total: json.length };
}
