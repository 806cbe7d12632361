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

/** An `AbortController` whose signal is made when it is asked for: most of those who may never do. */
export class LazyAbort {
  #controller: AbortController | undefined;
  #isAborted = false;
  #reason: unknown;
  readonly #onFirstUse: (() => void) | undefined;

  /** @param onFirstUse called once, when the signal is asked for */
  constructor(onFirstUse?: () => void) {
    this.#onFirstUse = onFirstUse;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#isAborted) this.#controller.abort(this.#reason);
      this.#onFirstUse?.();
    }
    return this.#controller.signal;
  }

  get isAborted(): boolean {
    return this.#isAborted;
  }

  /** @param reason the signal's; default as `AbortController` has it */
  abort(reason?: unknown): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}
