import { AppError, type ErrorCode } from "../../lib/base/errors.ts";
import { neutraliseLine } from "../../lib/base/text.ts";

/** One thing that was tried. */
export interface Exercised {
  readonly kind: "list" | "tool" | "resource" | "template" | "prompt";
  /** Other people's text, but for lists. */
  readonly name: string;
  readonly outcome: "ok" | "tool_error" | "failed" | "skipped";
  /** How many things came back, why it was skipped, or what went wrong. Other people's text. */
  readonly detail: string;
  /** Why it failed. */
  readonly code?: ErrorCode;
}

/** What came out of the whole exercise. */
export interface ExerciseReport {
  readonly server: { readonly name: string | undefined; readonly version: string | undefined };
  readonly protocolVersion: string;
  readonly capabilities: readonly string[];
  readonly steps: readonly Exercised[];
}

function widthOf(steps: readonly Exercised[], read: (step: Exercised) => string, most: number): number {
  return Math.min(most, Math.max(0, ...steps.map((step) => read(step).length)));
}

/** The report as a table, one row for each thing that was tried. Ends with a line feed. */
export function renderExercise({ steps }: ExerciseReport): string {
  const safe = steps.map((step) => ({
    ...step,
    name: neutraliseLine(step.name),
    detail: neutraliseLine(step.detail),
  }));
  const nameWidth = widthOf(safe, ({ name }) => name, 48);
  const rows = safe.map(({ kind, name, outcome, detail }) =>
    `${kind.padEnd(8)}  ${name.padEnd(nameWidth)}  ${outcome.padEnd(10)}  ${detail}`.trimEnd(),
  );
  const count = (outcome: string) => steps.filter((step) => step.outcome === outcome).length;
  const failed = count("failed") + count("tool_error");
  rows.push(`${count("ok")} ok, ${failed} failed, ${count("skipped")} skipped`);
  return `${rows.join("\n")}\n`;
}

/**
 * The error that the exercise ends with: that of the first thing that failed, else `tool_failed` where a tool
 * reported an error.
 */
export function findFailure({ steps }: ExerciseReport): AppError | undefined {
  const failed = steps.find(({ outcome }) => outcome === "failed");
  if (failed) return new AppError(failed.code ?? "unexpected", failed.detail);
  const refused = steps.filter(({ outcome }) => outcome === "tool_error");
  if (refused.length === 0) return undefined;
  const noun = refused.length === 1 ? "tool" : "tools";
  return new AppError("tool_failed", `${refused.length} ${noun} reported an error.`);
}
