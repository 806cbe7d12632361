import { AppError } from "../../base/errors.ts";

/** The longest time that a timer takes: as good as none. */
export const noLimitMs = 2_147_483_647;

/** How long a request may be silent and how long it may take. */
export interface Limits {
  /** In milliseconds. */
  readonly idleTimeoutMs: number;
  /** In milliseconds. Undefined: without end. */
  readonly maxTimeMs?: number | undefined;
}

function asFailure(reason: unknown): AppError {
  return reason instanceof AppError ? reason : new AppError("interrupted", "Interrupted.", { cause: reason });
}

/**
 * One thing that the caller waits for: it ends when it was silent for too long, when it took too long in all,
 * or when the caller gives up. One operation may take several requests (pages, a retry in a new session).
 */
export class Operation {
  /** What is being done, for error messages, e.g. `The call of "reverse_tool"`. */
  readonly subject: string;
  /** Whether the server may have done something by the time the connection breaks. */
  readonly hasEffects: boolean;
  /** How the server answered the latest request of this operation. */
  answer: "result" | "error" | undefined;
  /** JSON-RPC id of the latest request of this operation. */
  requestId: string | number | undefined;
  /** How often in a row its stream could not be taken up again. */
  failedResumes = 0;
  readonly #controller = new AbortController();
  readonly #limits: Limits;
  readonly #stopListening: () => void;
  readonly #totalTimer: ReturnType<typeof setTimeout> | undefined;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;
  #isFinished = false;
  #holds = 0;

  constructor(
    what: { subject: string; hasEffects: boolean },
    limits: Limits,
    callerSignal?: AbortSignal | undefined,
  ) {
    this.subject = what.subject;
    this.hasEffects = what.hasEffects;
    this.#limits = limits;
    const { maxTimeMs } = limits;
    if (maxTimeMs !== undefined) {
      this.#totalTimer = setTimeout(() => this.#timeOut("took longer than", maxTimeMs), maxTimeMs);
    }
    const onAbort = () => this.fail(asFailure(callerSignal?.reason));
    callerSignal?.addEventListener("abort", onAbort, { once: true });
    this.#stopListening = () => callerSignal?.removeEventListener("abort", onAbort);
    this.touch();
    if (callerSignal?.aborted) onAbort();
  }

  /** Fires when the operation fails, with the {@link AppError} as its reason; never after {@link finish}. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why it ended early. */
  get failure(): AppError | undefined {
    const { aborted, reason } = this.#controller.signal;
    return aborted ? asFailure(reason) : undefined;
  }

  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** Notes a sign of life: the idle time starts anew. */
  touch(): void {
    clearTimeout(this.#idleTimer);
    if (this.#isFinished || this.#holds > 0) return;
    const { idleTimeoutMs } = this.#limits;
    this.#idleTimer = setTimeout(
      () => this.#timeOut("showed no sign of life for", idleTimeoutMs),
      idleTimeoutMs,
    );
  }

  /** Lets the idle time stand still until the next sign of life; the time in all runs on. */
  pause(): void {
    clearTimeout(this.#idleTimer);
  }

  /** Lets the idle time stand still, whatever comes meanwhile, until the returned function is called once. */
  hold(): () => void {
    this.#holds += 1;
    this.pause();
    return () => {
      this.#holds -= 1;
      this.touch();
    };
  }

  /** Ends it with an error; only the first one counts. */
  fail(error: AppError): void {
    if (this.#isFinished || this.#controller.signal.aborted) return;
    this.finish();
    this.#controller.abort(error);
  }

  /** Ends it, whatever came out; timers and listeners go. */
  finish(): void {
    this.#isFinished = true;
    clearTimeout(this.#idleTimer);
    clearTimeout(this.#totalTimer);
    this.#stopListening();
  }

  #timeOut(verb: string, ms: number): void {
    this.fail(
      new AppError("timeout", `${this.subject} ${verb} ${ms / 1000} s.`, {
        hint: this.hasEffects
          ? "It was cancelled; what it did until then stands."
          : "Is the server all right?",
      }),
    );
  }
}
