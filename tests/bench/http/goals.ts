import type { Row } from "./measure.ts";
import type { FloodReport } from "./flood.ts";
import type { MemoryReport } from "./memory.ts";
import type { ProgressReport } from "./progress.ts";

/** One goal and what was measured. */
export interface Goal {
  readonly name: string;
  readonly value: number;
  readonly limit: number;
  /** Else at most. */
  readonly isAtLeast: boolean;
  readonly isMet: boolean;
}

export interface Findings {
  readonly rows: readonly Row[];
  readonly progress: readonly ProgressReport[];
  readonly flood: FloodReport;
  readonly memory: MemoryReport;
}

const atLeast = (name: string, value: number, limit: number): Goal => ({
  name,
  value,
  limit,
  isAtLeast: true,
  isMet: value >= limit,
});
const atMost = (name: string, value: number, limit: number): Goal => ({
  name,
  value,
  limit,
  isAtLeast: false,
  isMet: value <= limit,
});

/** Compares what was measured with the goals; rates are those of 16 connections. */
export function checkGoals({ rows, progress, flood, memory }: Findings): readonly Goal[] {
  const find = (scenario: string, subject: string, connections = 16) =>
    rows.find(
      (row) => row.scenario === scenario && row.subject === subject && row.connections === connections,
    );
  const rate = (scenario: string, subject = "mcp-server") => find(scenario, subject)?.rate ?? Number.NaN;
  const ratio = (scenario: string) => find(scenario, "mcp-server")?.rateRatio ?? Number.NaN;
  const [modern, legacy] = ["small call, 2026-07-28", "small call, 2025-11-25 session"];
  const crowded = [modern, legacy].flatMap((scenario) => {
    const row = find(scenario, "mcp-server", 256);
    return row ? [atMost(`p99 at 256 connections of bare: ${scenario}`, row.p99Ratio, 3)] : [];
  });
  return [
    atLeast("of bare: small call, 2026-07-28", ratio(modern), 0.55),
    atLeast("of bare: small call, 2025-11-25 session", ratio(legacy), 0.55),
    atLeast("x the SDK's v2 handler on Bun", rate(modern) / rate(modern, "sdk-modern"), 5),
    atLeast("x the SDK's v1 express server on Node", rate(legacy) / rate(legacy, "sdk-express"), 12),
    atLeast("REST x /mcp: small call", rate("small call, REST") / rate(modern), 1),
    ...crowded,
    atLeast("of bare: 401, no token", ratio("401, no token"), 0.9),
    atLeast("of bare: 401, malformed token", ratio("401, malformed token"), 0.9),
    atLeast("of bare: 401, forged signature", ratio("401, forged signature"), 0.2),
    atMost("p99 of good callers beside forged tokens / alone", flood.p99Ratio, 2),
    ...progress.map(({ scenario, calls, cpuRatio }) =>
      atMost(`CPU time of bare: ${calls} at once, ${scenario}`, cpuRatio, 2),
    ),
    atMost(`memory after ${memory.calls} calls / after 10000`, memory.after / memory.early, 1.1),
    atMost("KiB of an idle session", memory.sessionKiB, 30),
    atMost(
      "wrong answers",
      rows.reduce((sum, { failures }) => sum + failures, 0),
      0,
    ),
  ];
}
