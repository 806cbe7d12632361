import { type Clock, systemClock } from "../base/clock.ts";
import type { CallEvent } from "../base/events.ts";
import { neutraliseLine, toSafeJson } from "../base/text.ts";
import { CallList } from "./call-list.ts";
import { describeCount, describeOutcome, labelCall } from "./call-rows.ts";
import { cutToWidth } from "./fit.ts";
import { LiveRows, type OutputStream } from "./live-rows.ts";
import { createStyle } from "./style.ts";

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
  readonly #calls: CallList;
  #ended: string[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;
  #isClosed = false;

  constructor({ stream, color, clock = systemClock }: ProgressViewOptions) {
    this.#rows = new LiveRows(stream);
    this.#calls = new CallList(createStyle(color), clock);
  }

  handle(event: CallEvent): void {
    if (this.#isClosed) return;
    const ended = this.#calls.apply(event, this.#rows.columns);
    if (ended !== undefined) this.#ended.push(ended);
    // With the last call its row goes at once: what is written next must not be drawn over.
    if (this.#calls.size === 0) return this.#tick();
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
    this.#calls.clear();
    this.#draw();
  }

  #tick(): void {
    this.#draw();
    if (this.#calls.size === 0) this.#stop();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #draw(): void {
    const ended = this.#ended;
    this.#ended = [];
    const { columns, maxRows } = this.#rows;
    this.#rows.draw(ended, this.#calls.rows(columns, maxRows));
  }
}

function createPlainView({ stream }: ProgressViewOptions): ProgressView {
  const labels = new Map<string, string>();
  const describe = (event: CallEvent): string => {
    if (event.type === "call_progress")
      return `${describeCount(event)} ${neutraliseLine(event.message ?? "")}`;
    return event.type === "call_ended" ? describeOutcome(event) : "started";
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
