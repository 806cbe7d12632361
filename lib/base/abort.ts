/** What every function that waits accepts. */
export interface Abortable {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits.
 *
 * @param ms milliseconds, 0 yields once
 * @throws the signal's reason when it is aborted, at once
 */
export function sleep(ms: number, { signal }: Abortable = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/**
 * Makes a {@link sleep} for who waits many times: there is one listener on the signal for all of them, and each costs
 * as much as all else that a short wait does. It is never removed: the signal must be one that ends with the work.
 */
export function createSleep(signal: AbortSignal): (ms: number) => Promise<void> {
  const sleeping = new Set<() => void>();
  const wakeAll = () => {
    for (const wake of sleeping) wake();
  };
  signal.addEventListener("abort", wakeAll, { once: true });
  return (ms) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const wake = () => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        sleeping.delete(wake);
        resolve();
      }, ms);
      sleeping.add(wake);
    });
}

/** A signal that fires with the caller's signal or after a time, whichever comes first. */
export function limitTime(ms: number, signal?: AbortSignal | undefined): AbortSignal {
  const timeout = AbortSignal.timeout(ms);
  return signal ? AbortSignal.any([signal, timeout]) : timeout;
}

/** Ends as the promise does, or with the signal's reason as soon as that fires; what comes later is dropped. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    void promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
