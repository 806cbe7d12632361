import { useCallback, useEffect, useReducer, useRef } from "react";
import type { ListedTool, Problem, ProgressData } from "../../contract.ts";
import type { Api } from "../api/api.ts";
import { explainProblem } from "../api/explain-problem.ts";
import { toProblem } from "../api/problem.ts";
import { createMilestones } from "./announcements.ts";
import {
  type Call,
  type CallAction,
  type CallOutcome,
  type Calls,
  fractionOf,
  reduceCalls,
} from "./calls.ts";

/** The calls of this visit and what can be done with them. */
export interface CallBoard {
  readonly calls: Calls;
  run(tool: ListedTool, args: Readonly<Record<string, unknown>>): void;
  cancel(id: string): void;
  cancelAll(): void;
  clear(): void;
}

interface BoardOptions {
  readonly api: Api;
  /** Reads out to people who do not see the page. */
  readonly announce: (text: string) => void;
  readonly onFailure: (problem: Problem) => void;
}

type Dispatch = (action: CallAction) => void;

interface Following extends BoardOptions {
  readonly dispatch: Dispatch;
}

/** Makes a call and tells how it goes; ends when it has. */
async function follow(call: Call, controller: AbortController, following: Following): Promise<void> {
  const { api, announce, onFailure, dispatch } = following;
  const { id, number, tool, args } = call;
  const { signal } = controller;
  const milestones = createMilestones(() => performance.now());
  const say = (text: string) => announce(`Call ${number}, ${tool.title}: ${text}`);
  const end = (outcome: Exclude<CallOutcome, { kind: "running" }>, said: string) => {
    dispatch({ type: "end", id, atMs: Date.now(), outcome });
    say(said);
  };

  function onProgress(progress: ProgressData) {
    dispatch({ type: "progress", id, progress });
    const percent = milestones(fractionOf(progress));
    if (percent !== undefined) say(`${percent} percent`);
  }

  dispatch({ type: "start", call });
  say("started");
  try {
    end({ kind: "done", result: await api.call(tool.name, { args, signal, onProgress }) }, "done");
  } catch (thrown) {
    if (signal.aborted) return end({ kind: "cancelled" }, "cancelled");
    const problem = toProblem(thrown);
    end({ kind: "failed", problem }, `failed. ${explainProblem(problem).title}`);
    onFailure(problem);
  }
}

/** Calls tools, any number at once. */
export function useCalls({ api, announce, onFailure }: BoardOptions): CallBoard {
  const [calls, dispatch] = useReducer(reduceCalls, []);
  const running = useRef(new Map<string, AbortController>());
  const count = useRef(0);

  const run = useCallback(
    (tool: ListedTool, args: Readonly<Record<string, unknown>>) => {
      const id = crypto.randomUUID();
      const controller = new AbortController();
      running.current.set(id, controller);
      const outcome = { kind: "running", progress: undefined } as const;
      const call: Call = { id, number: ++count.current, tool, args, startedAtMs: Date.now(), outcome };
      const following = { api, announce, onFailure, dispatch };
      void follow(call, controller, following).finally(() => running.current.delete(id));
    },
    [api, announce, onFailure],
  );

  const cancel = useCallback((id: string) => running.current.get(id)?.abort(), []);
  const cancelAll = useCallback(() => running.current.forEach((each) => each.abort()), []);
  // Where nobody sees it any more, nothing runs on: another account, or the page starts over.
  useEffect(() => cancelAll, [cancelAll]);
  const clear = useCallback(() => dispatch({ type: "clear" }), []);
  return { calls, run, cancel, cancelAll, clear };
}
