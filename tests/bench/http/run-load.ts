import { join } from "node:path";
import type { LoadPlan, LoadReport } from "./plan.ts";
import type { Subject } from "./subject.ts";

/** What one run showed of a subject. */
export interface Measured extends LoadReport {
  /** CPU time of the server for one script, in microseconds. */
  readonly cpuUs: number;
  /** Scripts per second. */
  readonly rate: number;
}

/** Lets the load process work on a subject. */
export async function runLoad(subject: Subject, plan: Omit<LoadPlan, "port">): Promise<Measured> {
  const cpuBefore = subject.readCpuMs();
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "load.ts")], {
    stdin: new Blob([JSON.stringify({ ...plan, port: subject.port })]),
    stdout: "pipe",
  });
  const report = JSON.parse(await new Response(child.stdout).text()) as LoadReport;
  const cpuUs = ((subject.readCpuMs() - cpuBefore) * 1000) / report.done;
  return { ...report, cpuUs, rate: (report.done * 1000) / report.ms };
}
