import type { CallEvent, CallOutcome, ProgressUpdate } from "../base/events.ts";
import { neutraliseLine } from "../base/text.ts";
import { cutToWidth, formatCount, formatDuration, measureWidth } from "./fit.ts";
import type { LiveRow } from "./live-rows.ts";
import type { Style } from "./style.ts";

/** A call that runs, as it is drawn. */
export interface RunningCall {
  /** Whose tool it is, for terminals with room. Free of control characters. */
  readonly server?: string | undefined;
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

/** Terminals with fewer columns do without the bar. */
const minColumnsForBar = 60;
/** From so many columns on there is room for a long bar and the server's name. */
const wideColumns = 100;
const maxServerColumns = 24;

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

function drawBar(fraction: number, columns: number): string {
  const width = columns < wideColumns ? 10 : 20;
  const filled = Math.round(fraction * width);
  return "█".repeat(filled) + "░".repeat(width - filled);
}

function drawServer({ server = "" }: RunningCall, columns: number): string {
  return columns < wideColumns ? "" : cutToWidth(server, maxServerColumns);
}

/** The arguments tell one row from the next: they get most of what there is. */
function drawLabel({ label }: RunningCall, columns: number): string {
  return cutToWidth(label, Math.max(8, Math.floor(columns * 0.4)));
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
      { text: drawServer(call, columns), paint: style.faint },
      { text: drawLabel(call, columns) },
      { text: formatDuration(elapsedMs), paint: style.faint },
      { text: hasBar ? drawBar(fraction, columns) : "", paint: style.accent },
      { text: fraction === undefined ? "" : `${Math.floor(fraction * 100)}%` },
      { text: call.update === undefined ? "" : describeCount(call.update) },
      { text: messageOf(call), paint: style.faint },
    ],
    columns,
  );
}

/** How a call ended, in words. */
const outcomeWords: Record<CallOutcome, string> = {
  done: "done",
  tool_error: "the tool reported an error",
  cancelled: "cancelled",
  failed: "failed",
};

type CallEnding = Pick<Extract<CallEvent, { readonly type: "call_ended" }>, "outcome" | "message">;

/** How a call ended, and why where that is known: `failed: …`. */
export function describeOutcome({ outcome, message = "" }: CallEnding): string {
  const reason = neutraliseLine(message);
  return outcomeWords[outcome] + (reason === "" ? "" : `: ${reason}`);
}

/** The line that stays when a call has ended, with its last state: there may be no frame between that and the end. */
export function drawEnded(
  call: RunningCall,
  { outcome, message = "" }: CallEnding,
  look: { readonly columns: number; readonly style: Style; readonly nowMs: number },
): string {
  const { columns, style, nowMs } = look;
  const isDone = outcome === "done";
  const parts = [
    { text: isDone ? "✓" : "✗", paint: isDone ? style.good : style.bad },
    { text: drawServer(call, columns), paint: style.faint },
    { text: cutToWidth(call.label, Math.max(8, Math.floor(columns / 2))) },
    { text: formatDuration(nowMs - call.startedMs), paint: style.faint },
    { text: isDone ? "" : describeOutcome({ outcome, message }), paint: style.bad },
    { text: call.update === undefined ? "" : describeCount(call.update) },
    { text: messageOf(call), paint: style.faint },
  ];
  return joinParts(parts, columns).text;
}
