import type { ListedTool, Problem, ProgressData, ResultData } from "../../contract.ts";

/** How a call stands. */
export type CallOutcome =
  | { readonly kind: "running"; readonly progress: ProgressData | undefined }
  | { readonly kind: "done"; readonly result: ResultData }
  | { readonly kind: "failed"; readonly problem: Problem }
  | { readonly kind: "cancelled" };

/** A call of this visit. */
export interface Call {
  readonly id: string;
  /** Counts from 1, as people name it. */
  readonly number: number;
  readonly tool: ListedTool;
  readonly args: Readonly<Record<string, unknown>>;
  readonly startedAtMs: number;
  /** Absent while it runs. */
  readonly endedAtMs?: number;
  readonly outcome: CallOutcome;
}

/** The calls of this visit, the newest first. */
export type Calls = readonly Call[];

export type CallAction =
  | { readonly type: "start"; readonly call: Call }
  | { readonly type: "progress"; readonly id: string; readonly progress: ProgressData }
  | {
      readonly type: "end";
      readonly id: string;
      readonly atMs: number;
      readonly outcome: Exclude<CallOutcome, { kind: "running" }>;
    }
  | { readonly type: "clear" };

/** More finished calls than this, and the oldest is forgotten. */
const maxFinished = 100;

/** Whether it has not ended. */
export function isRunning({ outcome }: Call): boolean {
  return outcome.kind === "running";
}

function forgetOldest(calls: Calls): Calls {
  let finished = 0;
  return calls.filter((call) => isRunning(call) || ++finished <= maxFinished);
}

/** The next state. A call that ended stays as it ended: what comes late is dropped. */
export function reduceCalls(calls: Calls, action: CallAction): Calls {
  if (action.type === "start") return forgetOldest([action.call, ...calls]);
  if (action.type === "clear") return calls.filter(isRunning);
  return calls.map((call) => {
    if (call.id !== action.id || !isRunning(call)) return call;
    if (action.type === "progress")
      return { ...call, outcome: { kind: "running", progress: action.progress } };
    return { ...call, outcome: action.outcome, endedAtMs: action.atMs };
  });
}

/** How far a call is, from 0 to 1; undefined where the tool does not say. */
export function fractionOf(progress: ProgressData | undefined): number | undefined {
  if (progress?.total === undefined || progress.total <= 0) return undefined;
  return Math.min(1, Math.max(0, progress.progress / progress.total));
}
