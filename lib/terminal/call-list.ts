import type { Clock } from "../base/clock.ts";
import type { CallEvent } from "../base/events.ts";
import { neutraliseLine } from "../base/text.ts";
import { drawEnded, drawRunning, labelCall, type RunningCall } from "./call-rows.ts";
import { cutToWidth } from "./fit.ts";
import type { LiveRow } from "./live-rows.ts";
import type { Style } from "./style.ts";

/** Keeps the calls that run, and draws them. */
export class CallList {
  readonly #style: Style;
  readonly #clock: Clock;
  readonly #running = new Map<string, RunningCall>();

  readonly #server: string | undefined;

  /** @param server whose calls they are, where that should be told; other people's text */
  constructor(style: Style, clock: Clock, server?: string) {
    this.#style = style;
    this.#clock = clock;
    this.#server = server === undefined ? undefined : neutraliseLine(server);
  }

  /** How many calls run. */
  get size(): number {
    return this.#running.size;
  }

  /**
   * Takes the next event.
   *
   * @param columns of the terminal
   * @returns the line that stays, when a call has ended
   */
  apply(event: CallEvent, columns: number): string | undefined {
    const call = this.#running.get(event.callId);
    if (event.type === "call_started") {
      const label = labelCall(event.tool, event.summary);
      const startedMs = this.#clock.nowMs();
      this.#running.set(event.callId, { server: this.#server, label, startedMs, update: undefined });
    } else if (event.type === "call_progress") {
      if (call) call.update = event;
    } else if (call) {
      this.#running.delete(event.callId);
      return drawEnded(call, event, this.#look(columns));
    }
    return undefined;
  }

  /** One row for each call; where they do not fit, the last row counts the others. */
  rows(columns: number, maxRows: number): LiveRow[] {
    const calls = [...this.#running.values()];
    const fits = calls.length <= maxRows;
    const shown = calls.slice(0, fits ? maxRows : Math.max(0, maxRows - 1));
    const rows = shown.map((call) => drawRunning(call, this.#look(columns)));
    if (fits) return rows;
    const plain = cutToWidth(`… and ${calls.length - rows.length} more`, columns);
    return [...rows, { plain, text: this.#style.faint(plain) }];
  }

  clear(): void {
    this.#running.clear();
  }

  #look(columns: number) {
    return { columns, style: this.#style, nowMs: this.#clock.nowMs() };
  }
}
