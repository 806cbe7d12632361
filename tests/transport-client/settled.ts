import { AppError } from "../../lib/base/errors.ts";

/** Waits for a promise to fail and gives its error; anything else is a failure of the test. */
export async function failureOf(promise: Promise<unknown>): Promise<AppError> {
  try {
    await promise;
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown;
    throw thrown;
  }
  throw new Error("It was expected to fail.");
}

/** A promise with its switch, for tests that decide when something goes on. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}
