import { medianOf } from "../statistics.ts";
import { captureAnswers, exchange, sessionOf } from "./capture.ts";
import { runLoad } from "./run-load.ts";
import { openSessionStep, progressScenarios, type Scenario } from "./scenarios.ts";
import { startBare, startOurs } from "./servers.ts";

/** Many calls with progress at once. */
export interface ProgressReport {
  readonly scenario: string;
  readonly calls: number;
  /** CPU time for one call, in microseconds, and against a bare server that sends the same frames. */
  readonly cpuUs: number;
  readonly bareCpuUs: number;
  readonly cpuRatio: number;
}

const seconds = 2;
const steps = 5;

async function openSessions(count: number, open: () => Promise<string>): Promise<readonly string[]> {
  const sessions: string[] = [];
  while (sessions.length < count) sessions.push(await open());
  return sessions;
}

async function measureOne(
  scenario: Scenario,
  ours: Awaited<ReturnType<typeof startOurs>>,
  { calls, rounds }: { readonly calls: number; readonly rounds: number },
): Promise<ProgressReport> {
  const { port, token } = ours;
  const open = async () =>
    sessionOf(await exchange(port, openSessionStep({ port, token, session: "" }).text));
  const session = await open();
  const sessions = await openSessions(scenario.hasSession ? calls : 0, open);
  const answers = await captureAnswers(
    port,
    scenario.steps({ port, token, session }),
    (seconds * 1000) / steps,
  );
  await using bare = await startBare(answers);
  const run = async (subject: typeof bare) => {
    const scripts = Array.from({ length: calls }, (_, index) =>
      scenario.steps({ port: subject.port, token, session: sessions[index] ?? session }),
    );
    const { cpuUs, failures } = await runLoad(subject, { scripts, count: calls });
    if (failures > 0) throw new Error(`${failures} calls failed`);
    return cpuUs;
  };
  const pairs: [bare: number, ours: number][] = [];
  for (let round = -1; round < rounds; round++) {
    const pair: [number, number] = [await run(bare), await run(ours)];
    if (round >= 0) pairs.push(pair);
  }
  return {
    scenario: scenario.name,
    calls,
    bareCpuUs: medianOf(pairs.map(([first]) => first)),
    cpuUs: medianOf(pairs.map(([, second]) => second)),
    cpuRatio: medianOf(pairs.map(([first, second]) => second / first)),
  };
}

/** Measures what many calls with progress at once cost, each with five steps in two seconds. */
export async function measureProgress(options: {
  readonly calls: number;
  readonly rounds: number;
}): Promise<readonly ProgressReport[]> {
  await using ours = await startOurs(seconds);
  const reports: ProgressReport[] = [];
  for (const scenario of progressScenarios) {
    const report = await measureOne(scenario, ours, options);
    reports.push(report);
    const { cpuUs, bareCpuUs } = report;
    process.stdout.write(
      `${options.calls} at once: ${scenario.name}: CPU ${cpuUs.toFixed(0)} µs, bare ${bareCpuUs.toFixed(0)} µs\n`,
    );
  }
  return reports;
}
