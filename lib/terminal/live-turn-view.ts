import type { Clock } from "../base/clock.ts";
import type { AgentEvent } from "../base/events.ts";
import { neutraliseLine } from "../base/text.ts";
import { AnswerBlocks } from "./answer-blocks.ts";
import { CallList } from "./call-list.ts";
import type { LiveRow, OutputStream } from "./live-rows.ts";
import type { LiveScreen } from "./live-screen.ts";
import { createStyle, type Style } from "./style.ts";
import { ThinkingRow } from "./thinking-row.ts";
import { describeRefusal, describeRetry, describeToolChange, describeUsage } from "./turn-lines.ts";

/** What a turn is drawn on. */
export interface LiveTurnViewOptions {
  readonly screen: LiveScreen;
  readonly color: boolean;
  readonly clock: Clock;
  /** Whose tools are called. */
  readonly server?: string | undefined;
  /** Where the answer goes as it is, when that is not the screen. */
  readonly pipe?: OutputStream | undefined;
}

/** Draws a turn on a terminal: the answer as it grows, a row for each running call, lines for what else happens. */
export class LiveTurnView {
  readonly #options: LiveTurnViewOptions;
  readonly #style: Style;
  readonly #answer: AnswerBlocks;
  readonly #calls: CallList;
  readonly #thinking: ThinkingRow;
  readonly #startedMs: number;
  #steps = 0;
  #isTextOpen = false;
  #isPipedLineOpen = false;
  #isOver = false;

  constructor(options: LiveTurnViewOptions) {
    const { screen, color, clock, server } = options;
    this.#options = options;
    this.#style = createStyle(color);
    this.#answer = new AnswerBlocks({
      color,
      columns: () => screen.columns,
      print: (text) => screen.print(text),
    });
    this.#calls = new CallList(this.#style, clock, server);
    this.#thinking = new ThinkingRow(this.#style, clock);
    this.#startedMs = clock.nowMs();
    screen.setSection("answer", {
      rows: (columns, maxRows) => this.#answerRows(columns, maxRows),
      isMoving: () => !this.#isOver,
    });
    screen.setSection("calls", { rows: (columns, maxRows) => this.#calls.rows(columns, maxRows) });
  }

  handle(event: AgentEvent): void {
    if (this.#isOver) return;
    this.#take(event);
    this.#options.screen.refresh();
  }

  close(): void {
    if (this.#isOver) return;
    this.#endText();
    this.#isOver = true;
    this.#calls.clear();
    const { screen } = this.#options;
    screen.setSection("answer", undefined);
    screen.setSection("calls", undefined);
    screen.draw();
  }

  #take(event: AgentEvent): void {
    switch (event.type) {
      case "text_delta":
        return this.#addText(event.text);
      case "text_ended":
        return this.#endText();
      case "reasoning_delta":
        return this.#thinking.add(event.text);
      case "reasoning_ended":
        return this.#print(this.#thinking.end());
      case "call_started":
      case "call_progress":
      case "call_ended":
        this.#endText();
        this.#print(this.#calls.apply(event, this.#options.screen.columns));
        if (event.type === "call_ended") this.#print(this.#describeFile(event.resultFile));
        return this.#thinking.restart();
      case "step_ended":
        this.#steps += 1;
        return;
      default:
        return this.#takeRare(event);
    }
  }

  #takeRare(event: AgentEvent): void {
    this.#endText();
    const look = { columns: this.#options.screen.columns, style: this.#style };
    if (event.type === "call_refused") this.#print(describeRefusal(event, look));
    if (event.type === "model_retry") this.#print(describeRetry(event, look));
    if (event.type === "tools_changed") this.#print(describeToolChange(event, look));
    if (event.type !== "turn_ended") return;
    const elapsedMs = this.#options.clock.nowMs() - this.#startedMs;
    this.#print(this.#style.faint(describeUsage(event.usage, { steps: this.#steps, elapsedMs })));
    this.close();
  }

  #addText(text: string): void {
    const { pipe } = this.#options;
    this.#print(this.#thinking.end());
    this.#isTextOpen = true;
    if (!pipe) return this.#answer.push(text);
    pipe.write(text);
    if (text !== "") this.#isPipedLineOpen = !text.endsWith("\n");
  }

  #endText(): void {
    if (!this.#isTextOpen) return;
    this.#isTextOpen = false;
    this.#answer.finish();
    if (this.#isPipedLineOpen) this.#options.pipe?.write("\n");
    this.#isPipedLineOpen = false;
    this.#thinking.restart();
  }

  #describeFile(path: string | undefined): string | undefined {
    return path === undefined
      ? undefined
      : this.#style.faint(`  the whole result is in ${neutraliseLine(path)}`);
  }

  #print(line: string | undefined): void {
    if (line !== undefined) this.#options.screen.print(line);
  }

  #answerRows(columns: number, maxRows: number): LiveRow[] {
    if (this.#isTextOpen) return this.#answer.preview(columns, maxRows);
    // Where a person is asked, it is not the model that is waited for.
    const isModel = this.#calls.size === 0 && !this.#options.screen.has("editor");
    return isModel && !this.#isOver ? [this.#thinking.draw(columns)] : [];
  }
}
