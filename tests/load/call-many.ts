// Calls reverse_tool many times at once and prints what came back, as one line of JSON. It is a program of its own
// because Bun reads BUN_CONFIG_MAX_HTTP_REQUESTS at its start. Usage: call-many.ts URL ERA COUNT [AT_A_TIME]
import { createReverseCall, type Era, openTarget, type Target } from "./mcp-requests.ts";
import { readMessages } from "./read-events.ts";

/** What became of many calls. */
export interface LoadReport {
  /** Calls that gave the right result. */
  readonly done: number;
  /** Calls that saw their own five steps in order, before the result. */
  readonly inOrder: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

interface Outcome {
  readonly status: string;
  readonly isDone: boolean;
  readonly isInOrder: boolean;
  readonly ms: number;
}

async function callOnce(target: Target, id: number): Promise<Outcome> {
  const startedAtMs = performance.now();
  try {
    const response = await fetch(target.url, createReverseCall(target, id, `call ${id}`));
    const messages = await readMessages(response);
    const steps = messages.slice(0, -1).map(({ params }) => params?.progress);
    const last = messages.at(-1);
    return {
      status: String(response.status),
      isDone:
        last?.id === id &&
        last.result?.structuredContent?.reversed_query === [...`call ${id}`].toReversed().join(""),
      isInOrder: steps.filter((step) => step !== 0).join() === "1,2,3,4,5",
      ms: performance.now() - startedAtMs,
    };
  } catch (error) {
    const status = error instanceof Error ? error.name : "failed";
    return { status, isDone: false, isInOrder: false, ms: performance.now() - startedAtMs };
  }
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

if (import.meta.main) {
  const [url = "", era = "2026-07-28", count = "1", atATime = count] = process.argv.slice(2);
  const target = await openTarget(url, era as Era);
  const outcomes: Outcome[] = [];
  let lastId = 0;
  const work = async () => {
    while (lastId < Number(count)) outcomes.push(await callOnce(target, ++lastId));
  };
  await Promise.all(Array.from({ length: Number(atATime) }, work));
  const statuses: Record<string, number> = {};
  for (const { status } of outcomes) statuses[status] = (statuses[status] ?? 0) + 1;
  const times = outcomes.map(({ ms }) => ms);
  const report: LoadReport = {
    done: outcomes.filter(({ isDone }) => isDone).length,
    inOrder: outcomes.filter(({ isInOrder }) => isInOrder).length,
    statuses,
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
}
