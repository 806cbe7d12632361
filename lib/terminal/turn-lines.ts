import type { AgentEvent, RefusalReason, TokenUsage } from "../base/events.ts";
import { neutraliseLine } from "../base/text.ts";
import { labelCall } from "./call-rows.ts";
import { cutToWidth, formatDuration } from "./fit.ts";
import type { Style } from "./style.ts";

type EventOf<Type extends AgentEvent["type"]> = Extract<AgentEvent, { type: Type }>;

/** What lines of a turn are made for. */
export interface LineLook {
  readonly columns: number;
  readonly style: Style;
}

/** Why a call was not made, in words. */
const refusalWords: Record<RefusalReason, string> = {
  not_approved: "not approved",
  denied: "denied",
  invalid_arguments: "its arguments do not fit",
  unknown_tool: "there is no such tool",
  repeated: "the same call was made before",
};

/** The line of a call that was not made. */
export function describeRefusal(
  { tool, summary, reason }: EventOf<"call_refused">,
  { columns, style }: LineLook,
): string {
  const label = cutToWidth(labelCall(tool, summary), Math.max(8, Math.floor(columns / 2)));
  return `${style.bad("✗")} ${label} ${style.bad(`not called: ${refusalWords[reason]}`)}`;
}

/** The line of a model that is asked again. */
export function describeRetry(
  { attempt, afterMs, message }: EventOf<"model_retry">,
  { columns, style }: LineLook,
): string {
  const when = afterMs < 100 ? "now" : `in ${formatDuration(afterMs)}`;
  const text = `The model is asked again ${when} (${attempt}): ${neutraliseLine(message)}`;
  return style.faint(cutToWidth(text, columns));
}

/** The line of tools that came and went. */
export function describeToolChange(
  { added, removed }: EventOf<"tools_changed">,
  { columns, style }: LineLook,
): string {
  const name = (names: readonly string[]) => names.map(neutraliseLine).join(", ");
  const parts = [
    added.length === 0 ? "" : `new: ${name(added)}`,
    removed.length === 0 ? "" : `gone: ${name(removed)}`,
  ];
  const text = `The server's tools changed; ${parts.filter((part) => part !== "").join("; ")}.`;
  return style.faint(cutToWidth(text, columns));
}

/** A number of things, e.g. `1 step`, `1,234 tokens`. */
function count(amount: number, thing: string): string {
  return `${amount.toLocaleString("en-US")} ${thing}${amount === 1 ? "" : "s"}`;
}

/** What a turn took: `1,234 tokens in, 56 out, 3 steps, 4.2s`. */
export function describeUsage(
  { inputTokens, outputTokens }: TokenUsage,
  { steps, elapsedMs }: { readonly steps: number; readonly elapsedMs: number },
): string {
  const hasTokens = inputTokens + outputTokens > 0;
  const tokens = `${count(inputTokens, "token")} in, ${outputTokens.toLocaleString("en-US")} out`;
  const parts = [hasTokens ? tokens : "", steps > 0 ? count(steps, "step") : "", formatDuration(elapsedMs)];
  return parts.filter((part) => part !== "").join(", ");
}
