import { describe, expect, test } from "bun:test";
import { revisions } from "./client-expectations.ts";
import { countSuccesses, findFaults, ourClient, runClientSuite, type SuiteRun } from "./client-suite.ts";

const limitMs = 180_000;

function findAllFaults(run: SuiteRun, expectations: (typeof revisions)[number]["expectations"]): string[] {
  return Object.entries(expectations).flatMap(([scenario, wanted]) =>
    findFaults(run.checks.get(scenario), wanted).map((fault) => `${scenario}: ${fault}`),
  );
}

describe.each([...revisions])("the client half of the official suite for $revision", (revision) => {
  const { expectations, scenarios, minChecks } = revision;
  const names = Object.keys(expectations);

  test(
    "passes every scenario with mcp-client exercise, and each one tested something",
    async () => {
      const run = await runClientSuite(revision.revision, ourClient);
      expect(names.length).toBe(scenarios);
      expect(findAllFaults(run, expectations)).toEqual([]);
      expect(run.exitCode).toBe(0);
      expect(countSuccesses(run, names)).toBeGreaterThanOrEqual(minChecks);
    },
    limitMs,
  );

  test(
    "is passed in no scenario by a client that does nothing",
    async () => {
      const run = await runClientSuite(revision.revision, "true");
      const passed = names.filter(
        (name) => findFaults(run.checks.get(name), expectations[name]).length === 0,
      );
      expect(passed).toEqual([]);
    },
    limitMs,
  );
});
