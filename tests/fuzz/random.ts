/** A stream of choices that is the same for the same seed. */
export interface Random {
  /** A number from 0 (included) to 1 (excluded). */
  next(): number;
  /** A whole number from 0 to `below` - 1. */
  int(below: number): number;
  /** True in one of `n` cases. */
  oneIn(n: number): boolean;
  /** One of the values; there is at least one. */
  pick<T>(values: readonly T[]): T;
  /** The values in another order. */
  shuffle<T>(values: readonly T[]): T[];
}

/** Spreads a number over 32 bits (the finisher of MurmurHash3). */
function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/**
 * Creates the choices of one mutant (mulberry32). They hang on the seed and the index alone, so that one mutant
 * can be made again without those before it. Not for secrets.
 */
export function createRandom(seed: number, index: number): Random {
  let state = mix(mix(seed) + Math.imul(index, 0x9e3779b9));
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296;
  };
  const int = (below: number) => Math.floor(next() * below);
  return {
    next,
    int,
    oneIn: (n) => int(n) === 0,
    pick: <T>(values: readonly T[]) => values[int(values.length)] as T,
    shuffle: <T>(values: readonly T[]) => {
      const placed = values.map((value) => ({ value, at: next() }));
      return placed.toSorted((a, b) => a.at - b.at).map(({ value }) => value);
    },
  };
}
