// Measures the compiled server against a bare `Bun.serve` that takes and gives the same bytes, and against the SDK's
// own servers. Rounds are interleaved, medians are compared, ratios count. Arguments: `quick` for a short run.
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { drawChart } from "./http/chart.ts";
import { measureFlood } from "./http/flood.ts";
import { checkGoals } from "./http/goals.ts";
import { measureScenario, type Row } from "./http/measure.ts";
import { measureMemory } from "./http/memory.ts";
import { measureProgress } from "./http/progress.ts";
import { writeGoals, writeHeading, writeRow } from "./http/report.ts";
import { scenarios } from "./http/scenarios.ts";
import { startOurs, startRival } from "./http/servers.ts";
import type { Subject } from "./http/subject.ts";

const isQuick = process.argv.includes("quick");
const only = process.argv.find((argument) => argument.startsWith("only="))?.slice("only=".length);
const root = join(import.meta.dir, "../..");
const options = isQuick
  ? { rounds: 3, roundMs: 700, connections: [16] }
  : { rounds: 5, roundMs: 1000, connections: [1, 16, 256] };

async function measureRates(): Promise<readonly Row[]> {
  await using ours = await startOurs(0);
  await using modern = await startRival("sdk-modern");
  await using tuned = await startRival("sdk-modern-tuned");
  await using express = await startRival("sdk-express");
  const rivals = new Map<string, Subject>([
    ["sdk-modern", modern],
    ["sdk-modern-tuned", tuned],
    ["sdk-express", express],
  ]);
  const servers = { ours, rivals };
  const rows: Row[] = [];
  writeHeading();
  for (const scenario of scenarios.filter(({ name }) => only === undefined || name.includes(only))) {
    const isSmall = scenario.name.startsWith("small call");
    const connections = isSmall ? options.connections : [16];
    const measured = await measureScenario(scenario, servers, { ...options, connections });
    for (const row of measured) writeRow(row);
    rows.push(...measured);
  }
  return rows;
}

const startedAt = new Date().toISOString();
const rows = await measureRates();
if (only === undefined) {
  const flood = await measureFlood({ rounds: options.rounds, roundMs: options.roundMs });
  const progress = await measureProgress({ calls: isQuick ? 300 : 1000, rounds: isQuick ? 1 : 3 });
  const memory = await measureMemory({ calls: isQuick ? 100_000 : 1_000_000, sessions: 10_000 });
  const goals = checkGoals({ rows, progress, flood, memory });
  writeGoals(goals);
  const machine = { cores: availableParallelism(), load: loadavg(), bun: Bun.version, startedAt };
  await Bun.write(
    join(root, "dist/bench.json"),
    JSON.stringify({ machine, rows, progress, flood, memory, goals }, null, 2),
  );
  if (!isQuick) await Bun.write(join(root, ".github/speed.svg"), drawChart(rows));
  if (goals.some(({ isMet }) => !isMet)) process.exitCode = 1;
}
