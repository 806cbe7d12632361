import { AppError } from "../../base/errors.ts";

/** Runs all checks, also after one that fails: for explanations, never for decisions. */
export function collectRefusals(checks: readonly (() => void)[]): readonly AppError[] {
  const refusals: AppError[] = [];
  for (const check of checks) {
    try {
      check();
    } catch (thrown) {
      if (!(thrown instanceof AppError)) throw thrown;
      refusals.push(thrown);
    }
  }
  return refusals;
}
