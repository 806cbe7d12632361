// `make conformance`, client half: prints what the official suite says of `mcp-client exercise`.
import { revisions } from "./client-expectations.ts";
import { countSuccesses, findFaults, ourClient, runClientSuite } from "./client-suite.ts";

let hasFaults = false;
for (const { revision, expectations, minChecks } of revisions) {
  const run = await runClientSuite(revision, ourClient);
  const names = Object.keys(expectations);
  const width = Math.max(...names.map((name) => name.length));
  const rows = names.map((name) => {
    const faults = findFaults(run.checks.get(name), expectations[name]);
    const passed = countSuccesses(run, [name]);
    return { faults, line: `  ${faults.length === 0 ? "✓" : "✗"} ${name.padEnd(width)} ${passed} passed` };
  });
  const ok = rows.filter(({ faults }) => faults.length === 0).length;
  const checks = countSuccesses(run, names);
  hasFaults ||= ok < names.length || checks < minChecks;
  const total = `client, ${revision}: ${ok} of ${names.length} scored scenarios, ${checks} checks`;
  const faults = rows.flatMap((row) => row.faults.map((fault) => `  FAULT ${fault}`));
  process.stdout.write([total, ...rows.map(({ line }) => line), ...faults, ""].join("\n"));
}
process.exit(hasFaults ? 1 : 0);
