import { measureWidth, splitWord } from "./fit.ts";

/** Characters that are not seen, or that change how others are seen. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu;

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

function toJson(args: unknown): string {
  return (JSON.stringify(args, undefined, 2) ?? "").replace(unseen, escape);
}

function layOut(json: string, columns: number): string[] {
  return json.split("\n").flatMap((line) => {
    const indent = /^ */.exec(line)?.[0] ?? "";
    const room = Math.max(10, columns - 2 - indent.length);
    if (measureWidth(line) <= columns - 2) return [`  ${line}`];
    return splitWord(line.slice(indent.length), room).map((piece) => `  ${indent}${piece}`);
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
