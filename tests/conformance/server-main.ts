// `make conformance`, server half: prints what the official suite says of our server.
import { requirements } from "./server-requirements.ts";
import { runServerConformance } from "./server-run.ts";
import type { Verdict } from "./server-verdict.ts";

function print({ rows, faults, checks }: Verdict, revision: string): void {
  const scored = rows.filter(({ kind }) => kind === "scored");
  const width = Math.max(...rows.map(({ scenario }) => scenario.length));
  const lines = rows.map(({ scenario, kind, passed, failed }) => {
    const mark = kind === "not served" ? "-" : failed === 0 && passed > 0 ? "✓" : "✗";
    const counts = `${String(passed).padStart(3)} passed ${String(failed).padStart(3)} failed`;
    return `  ${mark} ${scenario.padEnd(width)} ${counts}${kind === "scored" ? "" : `  (${kind})`}`;
  });
  const ok = scored.filter(({ passed, failed }) => passed > 0 && failed === 0).length;
  const total = `server, ${revision}: ${ok} of ${scored.length} scored scenarios, ${checks} checks`;
  process.stdout.write([total, ...lines, ...faults.map((fault) => `  FAULT ${fault}`), ""].join("\n"));
}

let hasFaults = false;
for (const required of requirements) {
  const verdict = await runServerConformance(required);
  print(verdict, required.revision);
  hasFaults ||= verdict.faults.length > 0;
}
process.exit(hasFaults ? 1 : 0);
