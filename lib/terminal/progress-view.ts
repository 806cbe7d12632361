import { type Clock, systemClock } from "../base/clock.ts";
import type { CallEvent } from "../base/events.ts";
import { neutraliseLine, toSafeJson } from "../base/text.ts";
import {
  describeCount,
  drawEnded,
  drawRunning,
  labelCall,
  outcomeWords,
  type RunningCall,
} from "./call-rows.ts";
import { cutToWidth } from "./fit.ts";
import { type LiveRow, LiveRows, type OutputStream } from "./live-rows.ts";
import { createStyle, type Style } from "./style.ts";

/** How running calls are shown: `auto` is `bar` on a terminal and `plain` elsewhere. */
export type ProgressMode = "auto" | "bar" | "plain" | "json" | "none";

/** What a view draws on. */
export interface ProgressViewOptions {
  /** Usually stderr: stdout is for results. */
  readonly stream: OutputStream;
  readonly mode: ProgressMode;
  readonly color: boolean;
  readonly clock?: Clock | undefined;
}

/** Shows what happens to tool calls. */
export interface ProgressView {
  /** Takes the next event. Never throws for what is in it. */
  handle(event: CallEvent): void;
  /** Writes a line that stays, above the rows of the running calls. The text is the caller's to make safe. */
  printAbove(text: string): void;
  /** Draws what is left to draw, removes the rows of running calls, shows the cursor. May be called twice. */
  close(): void;
}

/** At most ten frames a second. */
const frameMs = 100;

/** Longest piece of someone else's text in a line for logs, in columns. */
const maxPlainColumns = 500;

class BarView implements ProgressView {
  readonly #rows: LiveRows;
  readonly #style: Style;
  readonly #clock: Clock;
  readonly #running = new Map<string, RunningCall>();
  #ended: string[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;
  #isClosed = false;

  constructor({ stream, color, clock = systemClock }: ProgressViewOptions) {
    this.#rows = new LiveRows(stream);
    this.#style = createStyle(color);
    this.#clock = clock;
  }

  handle(event: CallEvent): void {
    if (this.#isClosed) return;
    this.#apply(event);
    // With the last call its row goes at once: what is written next must not be drawn over.
    if (this.#running.size === 0) return this.#tick();
    if (this.#timer !== undefined) return;
    // The first event is drawn at once, what follows with the next frame.
    this.#draw();
    this.#timer = setInterval(() => this.#tick(), frameMs);
    this.#timer.unref();
  }

  printAbove(text: string): void {
    this.#ended.push(...text.replace(/\n$/, "").split("\n"));
    this.#draw();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stop();
    this.#running.clear();
    this.#draw();
  }

  #apply(event: CallEvent): void {
    const call = this.#running.get(event.callId);
    if (event.type === "call_started") {
      const label = labelCall(event.tool, event.summary);
      this.#running.set(event.callId, { label, startedMs: this.#clock.nowMs(), update: undefined });
    } else if (event.type === "call_progress") {
      if (call) call.update = event;
    } else if (call) {
      this.#ended.push(drawEnded(call, event.outcome, this.#look()));
      this.#running.delete(event.callId);
    }
  }

  #look() {
    return { columns: this.#rows.columns, style: this.#style, nowMs: this.#clock.nowMs() };
  }

  #tick(): void {
    this.#draw();
    if (this.#running.size === 0) this.#stop();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #draw(): void {
    const ended = this.#ended;
    this.#ended = [];
    this.#rows.draw(ended, this.#liveRows());
  }

  #liveRows(): LiveRow[] {
    const calls = [...this.#running.values()];
    const { maxRows, columns } = this.#rows;
    const fits = calls.length <= maxRows;
    const rows = calls.slice(0, fits ? maxRows : maxRows - 1).map((call) => drawRunning(call, this.#look()));
    if (fits) return rows;
    const plain = cutToWidth(`… and ${calls.length - rows.length} more`, columns);
    return [...rows, { plain, text: this.#style.faint(plain) }];
  }
}

function createPlainView({ stream }: ProgressViewOptions): ProgressView {
  const labels = new Map<string, string>();
  const describe = (event: CallEvent): string => {
    if (event.type === "call_progress")
      return `${describeCount(event)} ${neutraliseLine(event.message ?? "")}`;
    return event.type === "call_ended" ? outcomeWords[event.outcome] : "started";
  };
  return {
    handle(event) {
      if (event.type === "call_started") labels.set(event.callId, labelCall(event.tool, event.summary));
      const line = `${labels.get(event.callId) ?? ""} ${describe(event)}`.trim();
      stream.write(`${cutToWidth(line, maxPlainColumns)}\n`);
      if (event.type === "call_ended") labels.delete(event.callId);
    },
    printAbove: (text) => void stream.write(`${text.replace(/\n$/, "")}\n`),
    close() {},
  };
}

function createJsonView({ stream }: ProgressViewOptions): ProgressView {
  return {
    handle: (event) => void stream.write(`${toSafeJson(event)}\n`),
    printAbove: (text) => void stream.write(`${text.replace(/\n$/, "")}\n`),
    close() {},
  };
}

function createSilentView({ stream }: ProgressViewOptions): ProgressView {
  return {
    handle() {},
    printAbove: (text) => void stream.write(`${text.replace(/\n$/, "")}\n`),
    close() {},
  };
}

/** Makes the view for a mode. */
export function createProgressView(options: ProgressViewOptions): ProgressView {
  const { mode, stream } = options;
  const chosen = mode === "auto" ? (stream.isTTY ? "bar" : "plain") : mode;
  if (chosen === "bar") return new BarView(options);
  if (chosen === "plain") return createPlainView(options);
  return chosen === "json" ? createJsonView(options) : createSilentView(options);
}
