import { didYouMean } from "../../base/nearest.ts";

/** As `didYouMean`, among names that a server gave: those that are no plain words are left out. */
export function quoteNearest(name: string, names: readonly string[]): string {
  return didYouMean(
    name,
    names.filter((candidate) => /^[\w.:/?#@%+~-]{1,200}$/.test(candidate)),
  );
}
