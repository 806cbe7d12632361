/** The value at a share of all values, e.g. 0.99 for the 99th percentile. NaN where there are none. */
export function percentileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The value in the middle. */
export function medianOf(values: readonly number[]): number {
  return percentileOf(values, 0.5);
}
