import type { Goal } from "./goals.ts";
import type { Row } from "./measure.ts";

const columns = ["requests/s", "of bare", "p50 µs", "p99 µs", "x bare", "CPU µs", "x bare", "load %"];

function write(name: string, cells: readonly string[]): void {
  process.stdout.write(`${name.padEnd(46)}${cells.map((cell) => cell.padStart(11)).join("")}\n`);
}

/** Writes the names of the columns. */
export function writeHeading(): void {
  write("", columns);
}

/** Writes one line of the table. */
export function writeRow(row: Row): void {
  const { scenario, connections, subject, rate, p50Us, p99Us, cpuUs, rateRatio, p99Ratio, cpuRatio } = row;
  const title = subject === "bare" ? `${scenario}, ${connections}` : "";
  if (title !== "") process.stdout.write(`${title}\n`);
  const failed = row.failures === 0 ? "" : ` ${row.failures} FAILED`;
  const numbers = [
    rate.toFixed(0),
    rateRatio.toFixed(2),
    p50Us.toFixed(0),
    p99Us.toFixed(0),
    p99Ratio.toFixed(1),
    cpuUs.toFixed(1),
    cpuRatio.toFixed(2),
    (row.loadShare * 100).toFixed(0),
  ];
  write(`  ${subject}${failed}`, numbers);
}

/** Writes what was to be reached and what was. */
export function writeGoals(goals: readonly Goal[]): void {
  process.stdout.write("\n");
  for (const { name, value, limit, isAtLeast, isMet } of goals) {
    const goal = `${isAtLeast ? "at least" : "at most"} ${limit}`;
    process.stdout.write(
      `${name.padEnd(62)}${value.toFixed(2).padStart(9)}   ${goal}${isMet ? "" : "   MISSED"}\n`,
    );
  }
}
