import type { Abortable } from "../base/abort.ts";
import { type AppError, toAppError } from "../base/errors.ts";
import type { Check, CheckOf, CheckReport, ExaminedSettings, Examination } from "./check.ts";

/** A report, and the error where the check failed. */
export interface CheckOutcome {
  readonly report: CheckReport;
  readonly failure?: AppError;
}

/** The report of a check that failed. */
export function reportFailure(
  { id, title }: Pick<CheckReport, "id" | "title">,
  failure: AppError,
): CheckOutcome {
  const { code, message, hint } = failure;
  return { report: { id, title, status: "failed", found: message, remedy: hint, code }, failure };
}

/**
 * Runs one check.
 *
 * @throws the signal's reason
 */
export async function runCheck<Examined>(
  check: CheckOf<string, Examined>,
  examination: Examined,
  options: Abortable,
): Promise<CheckOutcome> {
  const { id, title } = check;
  try {
    return { report: { id, title, ...(await check.run(examination, options)) } };
  } catch (thrown) {
    options.signal?.throwIfAborted();
    return reportFailure(check, toAppError(thrown));
  }
}

/**
 * Runs checks in their order, and stops after the first that fails.
 *
 * @throws the signal's reason
 */
export async function* runChecks(
  checks: readonly Check[],
  settings: ExaminedSettings,
  options: Abortable,
): AsyncGenerator<CheckOutcome> {
  const url = new URL(settings.signIn.values.url);
  const examination: Examination = { settings, url, facts: { dates: new Map() } };
  for (const check of checks) {
    const outcome = await runCheck(check, examination, options);
    yield outcome;
    if (outcome.failure) return;
  }
}
