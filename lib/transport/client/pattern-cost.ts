/*
 * Estimates how long a regular expression of a stranger's may take. JavaScript's engine tries one way after the other,
 * so the time is bounded by the number of ways, which a pattern without nested repetition does not hide.
 */

const maxPatternLength = 500;

/** Escapes, classes, openings of groups and repetitions, one at a time; in the order of an expression's grammar. */
const token = /\\[^]|\[(?:\\[^]|[^\]\\])*\]|\(\?:|\(\?<[A-Za-z]\w*>|\(\?|[()|?*+]|\{(\d+)(,?)(\d*)\}|[^]/gu;

/** How often the part before it may stand, as a number of ways; undefined where it repeats nothing. */
function waysOf([text, least, comma, most]: RegExpMatchArray, longest: number): number | undefined {
  if (text === "?") return 2;
  if (text === "*" || text === "+") return longest + 1;
  if (least === undefined) return undefined;
  if (comma === "") return 1;
  return Math.min(longest, most === "" ? longest : Number(most) - Number(least)) + 1;
}

/** A back reference or a look around: what they cost cannot be told from the pattern. */
function isOpaque(text: string): boolean {
  return text === "(?" || /^\\[1-9k]/.test(text);
}

/**
 * An upper bound for the number of ways in which a pattern may match a text; infinite for nested repetition and for
 * everything else that is not understood here.
 *
 * @param longest characters of the longest text
 */
export function estimatePatternCost(pattern: string, longest: number): number {
  if (pattern.length > maxPatternLength) return Infinity;
  // It begins anywhere in the text, unless it is bound to its beginning.
  let ways = pattern.startsWith("^") && !pattern.includes("|") ? 1 : longest + 1;
  let before = "";
  for (const match of pattern.matchAll(token)) {
    const [text] = match;
    if (isOpaque(text)) return Infinity;
    const repeated = waysOf(match, longest);
    // A group may be left out, but not be repeated. `*?` and the like choose the order of the ways, not their number.
    const isLazy = text === "?" && /^([?*+]|\{.+\})$/.test(before);
    if (repeated !== undefined && !isLazy) {
      if (before === ")" && text !== "?") return Infinity;
      ways *= repeated;
    }
    if (text === "|") ways *= 2;
    before = text;
  }
  return ways * (pattern.length + longest);
}
