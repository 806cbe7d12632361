import type { CallOutcome, ProgressUpdate } from "../base/events.ts";
import { neutraliseLine } from "../base/text.ts";
import { cutToWidth, formatCount, formatDuration, measureWidth } from "./fit.ts";
import type { LiveRow } from "./live-rows.ts";
import type { Style } from "./style.ts";

/** A call that runs, as it is drawn. */
export interface RunningCall {
  /** The tool and in short its arguments. Free of control characters. */
  readonly label: string;
  readonly startedMs: number;
  update: ProgressUpdate | undefined;
}

const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** The picture of a spinner that has turned for some milliseconds. */
export function spinnerAt(elapsedMs: number): string {
  return spinner[Math.floor(elapsedMs / 100) % spinner.length] ?? "";
}

const barWidth = 20;
/** Terminals with fewer columns do without the bar. */
const minColumnsForBar = 60;

interface Part {
  readonly text: string;
  readonly paint?: ((text: string) => string) | undefined;
}

function fractionOf(update: ProgressUpdate | undefined): number | undefined {
  if (update?.total === undefined || !(update.total > 0) || !Number.isFinite(update.progress))
    return undefined;
  return Math.min(1, Math.max(0, update.progress / update.total));
}

/** Shows how far a call is: `3/5`, or `3` where nobody knows how much there is to do. */
export function describeCount({ progress, total }: ProgressUpdate): string {
  return total === undefined ? formatCount(progress) : `${formatCount(progress)}/${formatCount(total)}`;
}

/** Names a call: the tool, and in short its arguments where they are known. */
export function labelCall(tool: string, summary = ""): string {
  const name = neutraliseLine(tool);
  return summary === "" ? name : `${name}(${neutraliseLine(summary)})`;
}

function messageOf({ update }: RunningCall): string {
  return neutraliseLine(update?.message ?? "");
}

/** Puts parts side by side; those that do not fit go, and the last that fits is cut. */
function joinParts(parts: readonly Part[], columns: number): LiveRow {
  let plain = "";
  let text = "";
  for (const part of parts) {
    if (part.text === "") continue;
    const gap = plain === "" ? "" : " ";
    const room = columns - measureWidth(plain) - gap.length;
    if (room <= 0) break;
    const cut = cutToWidth(part.text, room);
    plain += gap + cut;
    text += gap + (part.paint?.(cut) ?? cut);
  }
  return { plain, text };
}

function drawBar(fraction: number): string {
  const filled = Math.round(fraction * barWidth);
  return "█".repeat(filled) + "░".repeat(barWidth - filled);
}

/** The row of a call that runs. What matters most comes first and survives on narrow terminals. */
export function drawRunning(
  call: RunningCall,
  look: { readonly columns: number; readonly style: Style; readonly nowMs: number },
): LiveRow {
  const { columns, style, nowMs } = look;
  const fraction = fractionOf(call.update);
  const elapsedMs = nowMs - call.startedMs;
  const frame = spinnerAt(elapsedMs);
  const hasBar = fraction !== undefined && columns >= minColumnsForBar;
  return joinParts(
    [
      { text: frame, paint: style.accent },
      { text: cutToWidth(call.label, Math.max(8, Math.floor(columns / 3))) },
      { text: formatDuration(elapsedMs), paint: style.faint },
      { text: hasBar ? drawBar(fraction) : "", paint: style.accent },
      { text: fraction === undefined ? "" : `${Math.floor(fraction * 100)}%` },
      { text: call.update === undefined ? "" : describeCount(call.update) },
      { text: messageOf(call), paint: style.faint },
    ],
    columns,
  );
}

/** How a call ended, in words. */
export const outcomeWords: Record<CallOutcome, string> = {
  done: "done",
  tool_error: "the tool reported an error",
  cancelled: "cancelled",
  failed: "failed",
};

/** The line that stays when a call has ended, with its last state: there may be no frame between that and the end. */
export function drawEnded(
  call: RunningCall,
  outcome: CallOutcome,
  look: { readonly columns: number; readonly style: Style; readonly nowMs: number },
): string {
  const { columns, style, nowMs } = look;
  const isDone = outcome === "done";
  const parts = [
    { text: isDone ? "✓" : "✗", paint: isDone ? style.good : style.bad },
    { text: cutToWidth(call.label, Math.max(8, Math.floor(columns / 2))) },
    { text: formatDuration(nowMs - call.startedMs), paint: style.faint },
    { text: isDone ? "" : outcomeWords[outcome], paint: style.bad },
    { text: call.update === undefined ? "" : describeCount(call.update) },
    { text: messageOf(call), paint: style.faint },
  ];
  return joinParts(parts, columns).text;
}
