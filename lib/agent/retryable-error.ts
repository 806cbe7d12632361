import type { AppError } from "../base/errors.ts";

/** Goes around the error of a request to a model that may be made again; it never leaves this room. */
export class RetryableError extends Error {
  override readonly name = "RetryableError";
  override readonly cause: AppError;
  /** How long the server asks to wait, in milliseconds. Absent: it does not say. */
  readonly afterMs: number | undefined;

  constructor(cause: AppError, afterMs?: number) {
    super(cause.message, { cause });
    this.cause = cause;
    this.afterMs = afterMs;
  }
}
