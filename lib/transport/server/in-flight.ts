/** Counts the requests that are being answered, so that a stop can wait for them. */
export interface InFlight {
  /** Begins one; the returned function ends it and may be called twice. */
  begin(): () => void;
  count(): number;
  /** Resolves when none is left, or when the signal fires. */
  drained(signal: AbortSignal): Promise<void>;
}

export function createInFlight(): InFlight {
  let count = 0;
  const waiting = new Set<() => void>();
  return {
    begin() {
      count++;
      let isOpen = true;
      return () => {
        if (!isOpen) return;
        isOpen = false;
        count--;
        if (count === 0) for (const wake of waiting) wake();
      };
    },
    count: () => count,
    drained(signal) {
      return new Promise((resolve) => {
        if (count === 0 || signal.aborted) return resolve();
        const wake = () => {
          waiting.delete(wake);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        waiting.add(wake);
        signal.addEventListener("abort", wake, { once: true });
      });
    },
  };
}
