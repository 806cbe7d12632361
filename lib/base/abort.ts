/** What every function that waits accepts. */
export interface Abortable {
  readonly signal?: AbortSignal | undefined;
}

/** By signal: who waits for it. */
const waitingFor = new WeakMap<AbortSignal, Set<() => void>>();

function listenTo(signal: AbortSignal): Set<() => void> {
  const waiting = new Set<() => void>();
  const wakeAll = () => {
    for (const wake of waiting) wake();
  };
  signal.addEventListener("abort", wakeAll, { once: true });
  waitingFor.set(signal, waiting);
  return waiting;
}

/**
 * Calls back when the signal fires. Each signal gets one listener, however many wait for it one after the other: a
 * listener costs as much as all else that a short wait does.
 *
 * @returns a function that ends the wait
 */
export function onAbort(signal: AbortSignal, callBack: () => void): () => void {
  const waiting = waitingFor.get(signal) ?? listenTo(signal);
  waiting.add(callBack);
  return () => void waiting.delete(callBack);
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
    const forget =
      signal &&
      onAbort(signal, () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    const timer = setTimeout(() => {
      forget?.();
      resolve();
    }, ms);
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
    if (signal.aborted) reject(signal.reason);
    const forget = onAbort(signal, () => reject(signal.reason));
    void promise.then(resolve, reject).finally(forget);
  });
}
