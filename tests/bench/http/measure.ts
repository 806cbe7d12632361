import { medianOf } from "../statistics.ts";
import { captureAnswers, exchange, sessionOf } from "./capture.ts";
import type { LoadStep } from "./plan.ts";
import { type Measured, runLoad } from "./run-load.ts";
import { type Caller, openSessionStep, type Scenario } from "./scenarios.ts";
import { startBare } from "./servers.ts";
import type { Subject } from "./subject.ts";

/** One line of the table: medians over the rounds. */
export interface Row {
  readonly scenario: string;
  readonly connections: number;
  readonly subject: string;
  readonly rate: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly cpuUs: number;
  readonly failures: number;
  /** Largest share of the time for which the load process was busy. */
  readonly loadShare: number;
  /** Against the bare server, as the median of the rounds' own ratios. */
  readonly rateRatio: number;
  readonly p99Ratio: number;
  readonly cpuRatio: number;
}

export interface MeasureOptions {
  readonly rounds: number;
  readonly roundMs: number;
  readonly connections: readonly number[];
}

interface Contestant {
  readonly name: string;
  readonly subject: Subject;
  readonly token: string | undefined;
  /** Whether sessions are opened, or any id will do. */
  readonly hasSessions: boolean;
}

async function openSession(port: number, token: string | undefined): Promise<string> {
  return sessionOf(await exchange(port, openSessionStep({ port, token, session: "" }).text));
}

/** The scripts of so many connections, each with a session of its own. */
async function openScripts(scenario: Scenario, contestant: Contestant, connections: number) {
  const { subject, token, hasSessions } = contestant;
  const scripts: (readonly LoadStep[])[] = [];
  for (let index = 0; index < connections; index++) {
    const isOpened = scenario.hasSession === true && hasSessions;
    const session = isOpened ? await openSession(subject.port, token) : crypto.randomUUID();
    scripts.push(scenario.steps({ port: subject.port, token, session }));
  }
  return scripts;
}

function summarise(all: readonly Measured[], bare: readonly Measured[]) {
  const median = (pick: (measured: Measured) => number) => medianOf(all.map(pick));
  const ratio = (pick: (measured: Measured) => number) =>
    medianOf(all.map((measured, round) => pick(measured) / pick(bare[round] ?? measured)));
  return {
    rate: median(({ rate }) => rate),
    p50Us: median(({ p50Us }) => p50Us),
    p99Us: median(({ p99Us }) => p99Us),
    cpuUs: median(({ cpuUs }) => cpuUs),
    failures: all.reduce((sum, { failures }) => sum + failures, 0),
    loadShare: Math.max(...all.map(({ cpuMs, ms }) => cpuMs / ms)),
    rateRatio: ratio(({ rate }) => rate),
    p99Ratio: ratio(({ p99Us }) => p99Us),
    cpuRatio: ratio(({ cpuUs }) => cpuUs),
  };
}

async function measureAt(
  scenario: Scenario,
  contestants: readonly Contestant[],
  connections: number,
  { rounds, roundMs }: MeasureOptions,
): Promise<readonly Row[]> {
  const scripts = await Promise.all(contestants.map((one) => openScripts(scenario, one, connections)));
  const measured = contestants.map((): Measured[] => []);
  for (let round = -1; round < rounds; round++) {
    for (const [index, { subject }] of contestants.entries()) {
      const ms = round < 0 ? Math.min(roundMs, 1000) : roundMs;
      const outcome = await runLoad(subject, { scripts: scripts[index] ?? [], ms });
      if (round >= 0) measured[index]?.push(outcome);
    }
  }
  const [bare = []] = measured;
  return contestants.map(({ name: subject }, index) => ({
    scenario: scenario.name,
    connections,
    subject,
    ...summarise(measured[index] ?? [], bare),
  }));
}

/**
 * Measures one scenario: a bare server that answers with the same bytes, ours, and the SDK's own servers take turns,
 * so that other load on the machine meets all of them alike.
 */
export async function measureScenario(
  scenario: Scenario,
  {
    ours,
    rivals,
  }: { readonly ours: Subject & { readonly token: string }; readonly rivals: ReadonlyMap<string, Subject> },
  options: MeasureOptions,
): Promise<readonly Row[]> {
  const { port, token } = ours;
  const caller: Caller = { port, token, session: scenario.hasSession ? await openSession(port, token) : "" };
  await using bare = await startBare(await captureAnswers(port, scenario.steps(caller)));
  const contestants: readonly Contestant[] = [
    { name: "bare", subject: bare, token, hasSessions: false },
    { name: "mcp-server", subject: ours, token, hasSessions: true },
    ...scenario.rivals.flatMap((name) => {
      const subject = rivals.get(name);
      return subject ? [{ name, subject, token: undefined, hasSessions: true }] : [];
    }),
  ];
  const rows: Row[] = [];
  for (const connections of options.connections) {
    rows.push(...(await measureAt(scenario, contestants, connections, options)));
  }
  return rows;
}
