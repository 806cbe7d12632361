import { AppError } from "../base/errors.ts";
import { RetryableError } from "./retryable-error.ts";

/** The errors inside an error, from the outside inwards. */
export function unwrapErrors(thrown: unknown): unknown[] {
  const errors: unknown[] = [];
  for (let current = thrown; current !== undefined && current !== null && errors.length < 8;) {
    errors.push(current);
    current = current instanceof Error ? current.cause : undefined;
  }
  return errors;
}

/**
 * Turns anything that the AI SDK throws into an {@link AppError}. Of an error that is not ours only the name is
 * kept: its message and its members hold request bodies and answers.
 */
export function findAppError(thrown: unknown): AppError {
  const known = unwrapErrors(thrown).find((error) => error instanceof AppError);
  if (known instanceof AppError) return known;
  const detail = thrown instanceof Error ? thrown.name : typeof thrown;
  return new AppError("unexpected", "Something unexpected went wrong in the agent.", { detail });
}

/** Finds what says that a request may be made again. */
export function findRetryableError(thrown: unknown): RetryableError | undefined {
  const found = unwrapErrors(thrown).find((error) => error instanceof RetryableError);
  return found instanceof RetryableError ? found : undefined;
}
