/** Progress is read out at most this often, in milliseconds. */
const minIntervalMs = 3000;

/** Decides which steps of a call a screen reader reads out: quarters, and none shortly after another. */
export function createMilestones(nowMs: () => number): (fraction: number | undefined) => number | undefined {
  let lastQuarter = 0;
  let lastAtMs = nowMs();
  return (fraction) => {
    if (fraction === undefined || fraction >= 1) return undefined;
    const quarter = Math.floor(fraction * 4);
    if (quarter <= lastQuarter || nowMs() - lastAtMs < minIntervalMs) return undefined;
    lastQuarter = quarter;
    lastAtMs = nowMs();
    return Math.round(fraction * 100);
  };
}
