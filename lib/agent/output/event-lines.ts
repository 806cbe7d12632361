import { type AppError, toAppError } from "../../base/errors.ts";
import type { AgentEvent, TokenUsage } from "../../base/events.ts";
import { toSafeJson } from "../../base/text.ts";
import type { OutputCall, OutputLine, OutputTurn } from "./output-schema.ts";

/** What the lines of a session have in common. */
export interface OutputSession {
  readonly sessionId: string | undefined;
  readonly server: string;
  readonly model: string;
}

/** Turns the events of turns into machine-readable text on standard output. */
export interface TurnOutput {
  /** Begins a turn. */
  start(prompt: string): void;
  handle(event: AgentEvent): void;
  /** Ends the turn; with what it threw, where it did. */
  end(thrown?: unknown): void;
}

const version = 1;
const nothing: TokenUsage = { inputTokens: 0, outputTokens: 0 };

function describeError({ code, message, hint }: AppError) {
  return { code, message, ...(hint !== undefined && { hint }) };
}

/** The text of the last answer: what came since the last calls. */
class LastAnswer {
  text = "";
  #isOver = false;

  read(event: AgentEvent): void {
    if (event.type === "text_delta") {
      if (this.#isOver) this.text = "";
      this.#isOver = false;
      this.text += event.text;
    }
    if (event.type === "step_ended") this.#isOver = true;
  }
}

type Ending = Extract<AgentEvent, { readonly type: "turn_ended" }>;

/** A turn that broke before it began ends with `failed`, too. */
function endingOf(ended: Ending | undefined, thrown: unknown): Ending {
  if (ended) return ended;
  return { type: "turn_ended", outcome: thrown === undefined ? "done" : "failed", usage: nothing };
}

function failureOf({ outcome }: Ending, thrown: unknown) {
  return outcome === "failed" ? { error: describeError(toAppError(thrown)) } : {};
}

/** What is in short for a row stays out: the lines have it in full. */
function toLine(event: Exclude<AgentEvent, Ending>): OutputLine {
  switch (event.type) {
    case "call_started": {
      const { type, callId, tool, args = {} } = event;
      return { v: version, type, callId, tool, arguments: args };
    }
    case "call_refused": {
      const { type, callId, tool, reason } = event;
      return { v: version, type, callId, tool, reason };
    }
    case "tools_changed":
      return { v: version, type: event.type, added: [...event.added], removed: [...event.removed] };
    default:
      return { v: version, ...event };
  }
}

/** `--output ndjson`: one JSON line for each event, as it happens. */
export function createEventLines(
  describeSession: () => OutputSession,
  write: (text: string) => void,
): TurnOutput {
  let ended: Ending | undefined;
  let answer = new LastAnswer();
  const print = (line: OutputLine) => write(`${toSafeJson(line)}\n`);
  let session = describeSession();
  const printSession = () => print({ v: version, type: "session", ...session });
  printSession();
  return {
    start(prompt) {
      const before = session;
      session = describeSession();
      if (!Bun.deepEquals(session, before)) printSession();
      ended = undefined;
      answer = new LastAnswer();
      print({ v: version, type: "turn_started", prompt });
    },
    handle(event) {
      answer.read(event);
      if (event.type === "turn_ended") ended = event;
      else print(toLine(event));
    },
    end(thrown) {
      const ending = endingOf(ended, thrown);
      print({ v: version, ...ending, text: answer.text, ...failureOf(ending, thrown) });
    },
  };
}

/** Keeps what {@link OutputTurn} tells of the calls. */
class CallList {
  readonly #calls = new Map<string, OutputCall>();

  read(event: AgentEvent): void {
    if (event.type === "call_started") {
      const { callId, tool, args } = event;
      this.#calls.set(callId, { callId, tool, outcome: "cancelled", ...(args && { arguments: args }) });
    }
    if (event.type === "call_refused") {
      const { callId, tool, reason } = event;
      this.#calls.set(callId, { callId, tool, outcome: "refused", reason });
    }
    if (event.type !== "call_ended") return;
    const { callId, outcome, message } = event;
    const call = this.#calls.get(callId);
    if (call) this.#calls.set(callId, { ...call, outcome, ...(message !== undefined && { message }) });
  }

  list(): OutputCall[] {
    return [...this.#calls.values()];
  }
}

/** `--output json`: one JSON object for each turn, when it has ended. */
export function createTurnObjects(
  describeSession: () => OutputSession,
  write: (text: string) => void,
): TurnOutput {
  let ended: Ending | undefined;
  let answer = new LastAnswer();
  let calls = new CallList();
  let steps = 0;
  return {
    start() {
      ended = undefined;
      answer = new LastAnswer();
      calls = new CallList();
      steps = 0;
    },
    handle(event) {
      answer.read(event);
      calls.read(event);
      if (event.type === "step_ended") steps += 1;
      if (event.type === "turn_ended") ended = event;
    },
    end(thrown) {
      const ending = endingOf(ended, thrown);
      const { outcome, usage } = ending;
      const turn: OutputTurn = {
        v: version,
        ...describeSession(),
        outcome,
        text: answer.text,
        calls: calls.list(),
        steps,
        usage,
        ...failureOf(ending, thrown),
      };
      write(`${toSafeJson(turn)}\n`);
    },
  };
}
