import { type Clock, systemClock } from "../base/clock.ts";
import type { AgentEvent } from "../base/events.ts";
import { toSafeJson } from "../base/text.ts";
import { AnswerBlocks } from "./answer-blocks.ts";
import type { OutputStream } from "./live-rows.ts";
import { LiveScreen } from "./live-screen.ts";
import { LiveTurnView } from "./live-turn-view.ts";
import { createProgressView, type ProgressMode } from "./progress-view.ts";
import { createStyle } from "./style.ts";
import { describeRefusal, describeRetry, describeToolChange } from "./turn-lines.ts";

export interface TurnViewOptions {
  /** The answer. */
  readonly stdout: OutputStream;
  /** Rows of the running calls. */
  readonly stderr: OutputStream;
  /** What draws on the terminal of standard error already. Default: a screen of its own, with `bar`. */
  readonly screen?: LiveScreen | undefined;
  readonly mode: ProgressMode;
  /** Whether colour is wanted. */
  readonly color: boolean;
  readonly clock?: Clock | undefined;
  /** Whose tools are called, for terminals with room. Other people's text. */
  readonly server?: string | undefined;
}

/** Shows a turn of the agent: the answer as it streams, a row for each running call. */
export interface TurnView {
  handle(event: AgentEvent): void;
  /** Ends an unfinished line and removes rows. May be called twice. */
  close(): void;
}

/** Writes the answer: rendered for a terminal, as it is for a program. */
function openAnswer({ stdout, color }: TurnViewOptions) {
  const columns = () => Math.max(1, (stdout.columns || 80) - 1);
  const print = (text: string) => void stdout.write(`${text}\n`);
  const blocks = stdout.isTTY ? new AnswerBlocks({ color, columns, print }) : undefined;
  let isLineOpen = false;
  return {
    add(text: string) {
      if (blocks) return blocks.push(text);
      if (text === "") return;
      stdout.write(text);
      isLineOpen = !text.endsWith("\n");
    },
    end() {
      blocks?.finish();
      if (isLineOpen) stdout.write("\n");
      isLineOpen = false;
    },
  };
}

/** Lines for a log or a program on standard error. */
function createLineView(options: TurnViewOptions): TurnView {
  const { stderr, mode } = options;
  const calls = createProgressView({ ...options, stream: stderr, mode });
  const answer = openAnswer(options);
  const look = { columns: 200, style: createStyle(false) };
  const say = (event: AgentEvent, line: string) => {
    if (mode !== "none") stderr.write(`${mode === "json" ? toSafeJson(event) : line}\n`);
  };
  return {
    handle(event) {
      if (event.type === "text_delta") return answer.add(event.text);
      if (event.type === "step_ended" || event.type.startsWith("reasoning")) return;
      answer.end();
      if (event.type === "call_refused") say(event, describeRefusal(event, look));
      if (event.type === "model_retry") say(event, describeRetry(event, look));
      if (event.type === "tools_changed") say(event, describeToolChange(event, look));
      const isOfCall = event.type === "call_started" || event.type === "call_progress";
      if (isOfCall || event.type === "call_ended") calls.handle(event);
    },
    close() {
      answer.end();
      calls.close();
    },
  };
}

/**
 * Opens the view of one turn. What a model says may hold anything: a terminal gets it as Markdown, without what a
 * terminal obeys; a pipe gets it as it is.
 */
export function createTurnView(options: TurnViewOptions): TurnView {
  const { stdout, stderr, mode, color, clock = systemClock, server } = options;
  const isLive = mode === "bar" || (mode === "auto" && stderr.isTTY === true);
  if (!isLive) return createLineView(options);
  const screen = options.screen ?? new LiveScreen(stderr);
  // Two terminals would be a strange thing; what is both goes through one screen, frame by frame.
  return new LiveTurnView({ screen, color, clock, server, pipe: stdout.isTTY ? undefined : stdout });
}
