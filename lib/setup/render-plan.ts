import { toSafeJson } from "../base/text.ts";
import type { CloudName } from "./graph.ts";
import { commandOf } from "./render-commands.ts";
import type { Step } from "./step.ts";

/** The plan for people: one numbered sentence a step. */
export function renderPlan(steps: readonly Step[]): string {
  if (steps.length === 0) return "Nothing is missing.\n";
  const lines = steps.map(({ sentence }, index) => `${String(index + 1).padStart(2)}. ${sentence}\n`);
  return `What is missing:\n${lines.join("")}`;
}

/** The steps for scripts. */
export function planToJson(steps: readonly Step[], cloud: CloudName): readonly object[] {
  return steps.map((step) => ({
    id: step.id,
    sentence: step.sentence,
    command: commandOf(step, cloud),
    body: step.change.body,
  }));
}

/** One JSON document on one line. */
export function renderDocument(document: object): string {
  return `${toSafeJson(document)}\n`;
}
