import type { Requirements } from "./server-requirements.ts";
import type { Check, SuiteRun } from "./server-suite.ts";

/** What a run is worth. */
export interface Verdict {
  /** One row for each scenario that was run or had to be. */
  readonly rows: readonly VerdictRow[];
  /** Passed checks of the scored scenarios. */
  readonly checks: number;
  /** Why the run does not pass; empty when it does. */
  readonly faults: readonly string[];
}

export interface VerdictRow {
  readonly scenario: string;
  readonly kind: "scored" | "unscored" | "not served" | "unknown";
  readonly passed: number;
  readonly failed: number;
}

/** Comes with every scenario and passes for a server that answers nothing at all. */
const wireCheck = "wire-schema-valid";

function count(checks: readonly Check[], status: Check["status"]): number {
  return checks.filter((check) => check.status === status).length;
}

function kindOf(scenario: string, { scored, unscored, notServed }: Requirements): VerdictRow["kind"] {
  if (scored.includes(scenario)) return "scored";
  if (unscored.includes(scenario)) return "unscored";
  return Object.hasOwn(notServed, scenario) ? "not served" : "unknown";
}

/** A warning is an unmet SHOULD: we meet them all. A scenario passes only by a check of its own. */
function judgeScenario(scenario: string, checks: readonly Check[] | undefined): string[] {
  if (!checks) return [`${scenario}: was not run`];
  const unmet = checks.filter(({ status }) => !["SUCCESS", "INFO"].includes(status));
  const faults = unmet.map(
    ({ id, status, errorMessage }) => `${scenario}: ${id} ${status} ${errorMessage ?? ""}`,
  );
  const own = checks.filter(({ id, status }) => id !== wireCheck && status === "SUCCESS");
  if (own.length === 0) faults.push(`${scenario}: passed no check of its own`);
  return faults;
}

/** Judges a run by what is required, and refuses one that passes without having checked enough. */
export function judge({ exitCode, scenarios }: SuiteRun, required: Requirements): Verdict {
  const { scored, unscored, minChecks } = required;
  const expected = [...scored, ...unscored];
  const rows = [...new Set([...expected, ...scenarios.keys()])].map((scenario) => {
    const checks = scenarios.get(scenario) ?? [];
    const kind = kindOf(scenario, required);
    return { scenario, kind, passed: count(checks, "SUCCESS"), failed: count(checks, "FAILURE") };
  });
  const passed = rows.filter(({ kind }) => kind === "scored").reduce((sum, row) => sum + row.passed, 0);
  const faults = expected.flatMap((scenario) => judgeScenario(scenario, scenarios.get(scenario)));
  for (const { scenario, kind } of rows) {
    if (kind === "unknown") faults.push(`${scenario}: is new; say whether we hold ourselves to it`);
  }
  if (passed < minChecks) faults.push(`the scored scenarios passed ${passed} checks, not ${minChecks}`);
  if (exitCode !== 0) faults.push(`the suite ended with exit code ${exitCode}`);
  return { rows, checks: passed, faults };
}
