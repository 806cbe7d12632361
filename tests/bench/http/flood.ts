import { medianOf } from "../statistics.ts";
import type { LoadStep } from "./plan.ts";
import { type Measured, runLoad } from "./run-load.ts";
import { scenarios } from "./scenarios.ts";
import { startOurs } from "./servers.ts";

/** What a flood of forged tokens does to callers with good ones. */
export interface FloodReport {
  readonly quietP99Us: number;
  readonly floodedP99Us: number;
  /** As the median of the rounds' own ratios. */
  readonly p99Ratio: number;
  /** Forged tokens that were refused in a second. */
  readonly refusedRate: number;
}

const connections = 16;
/** The flood begins so much earlier, and ends so much later, in milliseconds. */
const marginMs = 300;

function scriptsOf(name: string, caller: { readonly port: number; readonly token: string }) {
  const steps = scenarios.find((scenario) => scenario.name === name)?.steps ?? (() => []);
  return Array.from({ length: connections }, (): readonly LoadStep[] => steps({ ...caller, session: "" }));
}

/** Measures the small call alone and beside as many connections that send forged signatures as fast as they can. */
export async function measureFlood({
  rounds,
  roundMs,
}: {
  readonly rounds: number;
  readonly roundMs: number;
}): Promise<FloodReport> {
  await using ours = await startOurs(0);
  const good = scriptsOf("small call, 2026-07-28", ours);
  const forged = scriptsOf("401, forged signature", ours);
  const pairs: { readonly quiet: Measured; readonly flooded: Measured; readonly flood: Measured }[] = [];
  for (let round = -1; round < rounds; round++) {
    const quiet = await runLoad(ours, { scripts: good, ms: roundMs });
    const flooding = runLoad(ours, { scripts: forged, ms: roundMs + 2 * marginMs });
    await Bun.sleep(marginMs);
    const flooded = await runLoad(ours, { scripts: good, ms: roundMs });
    const flood = await flooding;
    if (quiet.failures + flooded.failures + flood.failures > 0)
      throw new Error("wrong answers under the flood");
    if (round >= 0) pairs.push({ quiet, flooded, flood });
  }
  const report = {
    quietP99Us: medianOf(pairs.map(({ quiet }) => quiet.p99Us)),
    floodedP99Us: medianOf(pairs.map(({ flooded }) => flooded.p99Us)),
    p99Ratio: medianOf(pairs.map(({ quiet, flooded }) => flooded.p99Us / quiet.p99Us)),
    refusedRate: medianOf(pairs.map(({ flood }) => flood.rate)),
  };
  process.stdout.write(
    `small call beside ${report.refusedRate.toFixed(0)} forged tokens a second: p99 ` +
      `${report.floodedP99Us.toFixed(0)} µs, alone ${report.quietP99Us.toFixed(0)} µs\n`,
  );
  return report;
}
