import { runLoad } from "./run-load.ts";
import { type Caller, openSessionStep, scenarios } from "./scenarios.ts";
import { startOurs } from "./servers.ts";
import type { Subject } from "./subject.ts";

/** Resident memory, in MiB unless the name says otherwise. */
export interface MemoryReport {
  readonly calls: number;
  readonly before: number;
  /** After 10 000 calls. */
  readonly early: number;
  /** The most that was seen meanwhile. */
  readonly highest: number;
  /** After all of them. */
  readonly after: number;
  readonly sessionKiB: number;
}

/** Waits until memory has not fallen for a while: it is given back some time after the work. */
async function settle(subject: Subject, seconds = 5): Promise<number> {
  let lowest = subject.readMemory();
  for (let quiet = 0; quiet < seconds; quiet++) {
    await Bun.sleep(1000);
    const now = subject.readMemory();
    if (now < lowest * 0.98) quiet = 0;
    lowest = Math.min(lowest, now);
  }
  return lowest;
}

const [smallCall] = scenarios;

/** Measures what is left in memory after many calls, and what an idle session takes. */
export async function measureMemory({
  calls,
  sessions,
}: {
  readonly calls: number;
  readonly sessions: number;
}): Promise<MemoryReport> {
  await using ours = await startOurs(0);
  const caller: Caller = { port: ours.port, token: ours.token, session: "" };
  const call = (count: number) =>
    runLoad(ours, { scripts: Array.from({ length: 16 }, () => smallCall?.steps(caller) ?? []), count });
  const open = (count: number) =>
    runLoad(ours, { scripts: Array.from({ length: 16 }, () => [openSessionStep(caller)]), count });
  const before = ours.readMemory();
  await call(10_000);
  const early = await settle(ours);
  let highest = early;
  const watch = setInterval(() => (highest = Math.max(highest, ours.readMemory())), 100);
  await call(calls - 10_000);
  clearInterval(watch);
  const after = await settle(ours);
  await open(500);
  const empty = await settle(ours);
  await open(sessions);
  const full = await settle(ours);
  const [first, second, third, fourth] = [before, early, highest, after].map((kibibytes) => kibibytes / 1024);
  const report = { before: first ?? 0, early: second ?? 0, highest: third ?? 0, after: fourth ?? 0 };
  const shown = Object.entries(report).map(([name, mebibytes]) => `${name} ${mebibytes.toFixed(0)}`);
  process.stdout.write(`memory, MiB: ${shown.join(", ")}\n`);
  return { calls, ...report, sessionKiB: (full - empty) / sessions };
}
