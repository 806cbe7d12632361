import { measureWidth, splitWord } from "./fit.ts";

/** Characters that are not seen, or that change how others are seen. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu;

/** More rows are shown only when a person wants them. */
const maxRows = 20;
/** Of these that many are shown then; what is below counts as hidden and is counted. */
const headRows = 14;

function escape(character: string): string {
  if (character === "\n") return character;
  return [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`)
    .join("");
}

/** Arguments in full, as JSON in which nothing is hidden: what cannot be seen is escaped. */
export function renderArguments(args: unknown, columns: number): string[] {
  const json = (JSON.stringify(args, undefined, 2) ?? "").replace(unseen, escape);
  return json.split("\n").flatMap((line) => {
    const indent = /^ */.exec(line)?.[0] ?? "";
    const room = Math.max(10, columns - 2 - indent.length);
    if (measureWidth(line) <= columns - 2) return [`  ${line}`];
    return splitWord(line.slice(indent.length), room).map((piece) => `  ${indent}${piece}`);
  });
}

/** The first rows of many, and a row that says how many are not shown. */
export function cutRows(rows: readonly string[]): {
  readonly rows: readonly string[];
  readonly hidden: number;
} {
  if (rows.length <= maxRows) return { rows, hidden: 0 };
  return { rows: rows.slice(0, headRows), hidden: rows.length - headRows };
}
