import { AppError, toAppError } from "../../base/errors.ts";
import { explainUnreachable, isClosedUnanswered } from "../../base/network-error.ts";
import type { Operation } from "./operation.ts";

/** The error for an exchange that broke before there was a whole answer. */
export function connectionLost(operation: Operation, cause?: unknown): AppError {
  return new AppError(
    "connection_lost",
    operation.hasEffects
      ? `${operation.subject} was cut off, and it may have run.`
      : `${operation.subject} was cut off, nothing was changed.`,
    {
      cause,
      hint: operation.hasEffects ? "Check what it did before you call it again." : "Try again.",
    },
  );
}

/** Turns what fetch throws before there is an answer into an error, by what the operation may have done. */
export function explainNetworkError(thrown: unknown, url: URL, operation: Operation | undefined): AppError {
  if (isClosedUnanswered(thrown) && operation?.hasEffects) return connectionLost(operation, thrown);
  // What is not the network's is, for example, a fault of the token source.
  return explainUnreachable(thrown, url) ?? toAppError(thrown);
}
