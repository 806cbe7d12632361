import type { Clock } from "../base/clock.ts";
import { neutraliseLine } from "../base/text.ts";
import { spinnerAt } from "./call-rows.ts";
import { cutToWidth, formatDuration, measureWidth } from "./fit.ts";
import type { LiveRow } from "./live-rows.ts";
import type { Style } from "./style.ts";

/** How much of what a model thinks is kept for the row, in characters. */
const maxKept = 400;

/** The row of a model that has not answered yet: how long it takes, and the last of what it thinks. */
export class ThinkingRow {
  readonly #style: Style;
  readonly #clock: Clock;
  #startedMs: number;
  #thought = "";
  #hasThought = false;

  constructor(style: Style, clock: Clock) {
    this.#style = style;
    this.#clock = clock;
    this.#startedMs = clock.nowMs();
  }

  /** The time counts from now. */
  restart(): void {
    this.#startedMs = this.#clock.nowMs();
    this.#thought = "";
    this.#hasThought = false;
  }

  /** Takes a piece of what the model thinks. */
  add(text: string): void {
    if (!this.#hasThought) this.restart();
    this.#hasThought = true;
    this.#thought = (this.#thought + text).slice(-maxKept);
  }

  /** The line that stays once the model has thought; undefined where it showed no thoughts. */
  end(): string | undefined {
    if (!this.#hasThought) return undefined;
    const line = this.#style.faint(`thought for ${formatDuration(this.#elapsedMs())}`);
    this.restart();
    return line;
  }

  draw(columns: number): LiveRow {
    const elapsedMs = this.#elapsedMs();
    const what = this.#hasThought ? "thinking" : "waiting for the model";
    const head = cutToWidth(`${spinnerAt(elapsedMs)} ${what} ${formatDuration(elapsedMs)}`, columns);
    const room = columns - measureWidth(head) - 1;
    // The end of the last thought, not its beginning: that one does not move.
    const tail = neutraliseLine(this.#thought).slice(-Math.max(0, room - 1));
    const thought = room < 12 || tail === "" ? "" : ` …${cutToWidth(tail, room - 1)}`;
    return { plain: head + thought, text: this.#style.faint(head + thought) };
  }

  #elapsedMs(): number {
    return this.#clock.nowMs() - this.#startedMs;
  }
}
