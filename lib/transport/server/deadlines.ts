/** Many waits that may each take the same time, with one timer for all of them. */
export interface Deadlines {
  /** Calls back when the time is over, unless the returned function was called before. */
  begin(onLate: () => void): () => void;
}

interface Wait {
  readonly onLate: () => void;
  readonly untilMs: number;
}

/** @param ms milliseconds that each wait may take */
export function createDeadlines(ms: number): Deadlines {
  /** In the order of their ends, which is that of their beginnings. */
  const waits = new Set<Wait>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function wakeAfter(waitMs: number): void {
    timer = setTimeout(endLate, waitMs);
    timer.unref();
  }

  function endLate(): void {
    timer = undefined;
    const nowMs = performance.now();
    for (const wait of waits) {
      if (wait.untilMs > nowMs) {
        return wakeAfter(wait.untilMs - nowMs);
      }
      waits.delete(wait);
      wait.onLate();
    }
  }

  return {
    begin(onLate) {
      const wait = { onLate, untilMs: performance.now() + ms };
      waits.add(wait);
      // It stays set when the wait is over: setting one for each costs more than one that finds nothing.
      if (!timer) wakeAfter(ms);
      return () => void waits.delete(wait);
    },
  };
}
