import { quote } from "./text.ts";

/** Edit distance (Levenshtein) between two short strings. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/** Nobody means a longer one: it comes from elsewhere, and was made to be shown. */
const maxNameLength = 200;

/** The candidate that a person who typed `word` most likely meant, or undefined when none is near. */
export function findNearest(word: string, candidates: Iterable<string>): string | undefined {
  const typed = word.slice(0, 64).toLowerCase();
  const farthest = Math.max(2, Math.floor(typed.length / 3));
  let best: { name: string; distance: number } | undefined;
  for (const name of candidates) {
    if (name.length > maxNameLength) continue;
    const candidate = name.toLowerCase();
    const isBegun = typed.length > 2 && candidate.startsWith(typed);
    if (!isBegun && Math.abs(candidate.length - typed.length) > farthest) continue;
    const distance = isBegun ? 1 : editDistance(typed, candidate);
    if (!best || distance < best.distance) best = { name, distance };
  }
  return best && best.distance <= farthest ? best.name : undefined;
}

/** ` Did you mean "x"?` for the end of a sentence, or nothing. Candidates may be other people's text. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const nearest = findNearest(word, candidates);
  return nearest === undefined ? "" : ` Did you mean ${quote(nearest, maxNameLength)}?`;
}
