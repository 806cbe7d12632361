// Fuzzes the verification of tokens and prints what came of it; ends with 1 where an answer was wrong.
//
//   make fuzz                                                     a million mutants
//   bun tests/fuzz/main.ts --count 20000 --seed 7                 other numbers
//   bun tests/fuzz/main.ts --seed 7 --first 1234 --count 1        one mutant again, as the run named it
//
// A mutant hangs on the seed and its index alone; keys and the authority's port are new in every run.
import { parseArgs } from "node:util";
import { openDoor } from "./door.ts";
import { startIssuer } from "./issuer.ts";
import { describeWrong, type RunReport, runFuzz } from "./run.ts";
import { startSeconds } from "./setting.ts";

const maxLines = 50;

function readNumbers() {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: "1" },
      count: { type: "string", default: "1000000" },
      first: { type: "string", default: "0" },
    },
  });
  return { seed: Number(values.seed), count: Number(values.count), first: Number(values.first) };
}

function share(part: number, of: number): string {
  return `${part} (${((100 * part) / of).toFixed(1)} %)`;
}

function describe(report: RunReport): string {
  const { answerMs } = report;
  const quantile = (q: number) =>
    (answerMs[Math.min(answerMs.length - 1, Math.floor(q * answerMs.length))] ?? Number.NaN).toFixed(3);
  const rows = [
    ["mutants", report.mutants],
    ["signed again", share(report.signedAgain, report.mutants)],
    ["to be let in", share(report.letIn, report.mutants)],
    ["answers", report.decisions],
    ["wrong", report.wrong.length],
    ["answer ms", `median ${quantile(0.5)}, p99 ${quantile(0.99)}, max ${quantile(1)}`],
  ] as const;
  return rows.map(([name, value]) => `${name.padEnd(14)}${value}\n`).join("");
}

const { seed, count, first } = readNumbers();
await using issuer = await startIssuer();
let nowMs = startSeconds * 1000;
const door = await openDoor(issuer.authority, { nowMs: () => nowMs });
const report = await runFuzz({
  issuer,
  door,
  seed,
  count,
  first,
  setClock: (now) => {
    nowMs = now;
  },
  onProgress: (done) => process.stderr.write(`\r${done} of ${count}`),
});
process.stderr.write("\n");
for (const wrong of report.wrong.slice(0, maxLines)) process.stderr.write(`${describeWrong(wrong, seed)}\n`);
process.stdout.write(describe(report));
if (report.wrong.length > 0) process.exitCode = 1;
