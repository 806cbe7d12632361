import type { LanguageModel, ModelMessage } from "ai";
import { AppError } from "../base/errors.ts";
import type { AgentEvent, EventSink, TokenUsage, TurnOutcome } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import { quote } from "../base/text.ts";
import type { Connection } from "../transport/client/contract.ts";
import type { Approve } from "./approval.ts";
import { askModel, type AskedCall, type ModelAnswer } from "./ask-model.ts";
import { type AnsweredCall, CallRunner } from "./call-runner.ts";
import { findAppError } from "./find-app-error.ts";
import { pickTools } from "./pick-tools.ts";
import { callsOf } from "./repair-history.ts";
import type { ResultFiles } from "./result-files.ts";
import { offerTools } from "./server-tools.ts";
import { addUsage, noUsage } from "./token-usage.ts";
import { notRunAnswer, toModelOutput } from "./tool-answer.ts";
import type { ToolShelf } from "./tool-shelf.ts";
import { TurnHistory } from "./turn-history.ts";
import { CallVetter } from "./vet-call.ts";

/** What all turns of a conversation share. */
export interface TurnContext {
  readonly model: LanguageModel;
  readonly connection: Pick<Connection, "callTool">;
  readonly emit: EventSink<AgentEvent>;
  readonly log: Log;
  readonly shelf: ToolShelf;
  readonly files: ResultFiles;
  /** How many tools the model's provider takes. */
  readonly maxTools: number;
  readonly maxSteps: number;
  readonly instructions: string;
  readonly approve?: Approve | undefined;
  readonly onMessages?: ((messages: readonly ModelMessage[]) => void) | undefined;
}

/** How a turn ended that was not broken off by an error. */
export interface TurnResult {
  readonly outcome: Exclude<TurnOutcome, "failed">;
  /** What the model wrote in its last step, as far as it came. */
  readonly text: string;
  /** Summed over the steps that ended. */
  readonly usage: TokenUsage;
}

/** What one turn is about. */
export interface TurnRequest {
  readonly prompt: string;
  readonly history: readonly ModelMessage[];
  readonly signal: AbortSignal | undefined;
}

/** Answers that are whole: only their calls are made. */
const wholeAnswers: readonly string[] = ["stop", "tool-calls"];

function toResults(answered: readonly AnsweredCall[]): ModelMessage {
  const content = answered.map(({ call: { toolCallId, toolName }, answer }) => ({
    type: "tool-result" as const,
    toolCallId,
    toolName,
    output: toModelOutput(answer),
  }));
  return { role: "tool", content };
}

function findUsed(messages: readonly ModelMessage[]): ReadonlySet<string> {
  return new Set(messages.flatMap(callsOf).map(({ toolName }) => toolName));
}

/** One turn: the model answers, its calls are made, it answers again, until it is done. */
export class Turn {
  readonly #context: TurnContext;
  readonly #request: TurnRequest;
  readonly #controller = new AbortController();
  readonly #history: TurnHistory;
  readonly #calls: CallRunner;
  #failure: AppError | undefined;
  #usage: TokenUsage = noUsage;
  #text = "";

  constructor(context: TurnContext, request: TurnRequest) {
    const { shelf } = context;
    this.#context = context;
    this.#request = request;
    this.#history = new TurnHistory(request.prompt, context.onMessages);
    this.#calls = new CallRunner({
      ...context,
      approve: context.approve,
      findCurrent: async (toolName, options) => {
        await shelf.refresh(options);
        return shelf.tools.get(toolName);
      },
      vetter: new CallVetter((toolName) => shelf.tools.get(toolName)),
      signal: this.#controller.signal,
      onUnknownTool: () => shelf.expire(),
      onSignInError: (error) => {
        this.#fail(error);
        this.#controller.abort();
      },
    });
  }

  /** What the turn adds to the history; valid however it ended. */
  messages(): readonly ModelMessage[] {
    return this.#history.messages();
  }

  /** Summed over the steps that ended. */
  get usage(): TokenUsage {
    return this.#usage;
  }

  /** Runs the turn to its end and reports that. */
  async run(): Promise<TurnResult> {
    const { signal } = this.#request;
    // Not the caller's signal itself: a turn ends its stream and its calls on its own account, too.
    const onAbort = () => this.#controller.abort();
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
    let isDone = true;
    try {
      isDone = await this.#takeSteps();
    } catch (thrown) {
      this.#fail(thrown);
    }
    signal?.removeEventListener("abort", onAbort);
    return this.#end(isDone);
  }

  #end(isDone: boolean): TurnResult {
    const { emit } = this.#context;
    const usage = this.#usage;
    if (this.#failure) {
      emit({ type: "turn_ended", outcome: "failed", usage });
      throw this.#failure;
    }
    const finished = isDone ? "done" : "step_limit";
    const outcome = this.#request.signal?.aborted ? "interrupted" : finished;
    emit({ type: "turn_ended", outcome, usage });
    return { outcome, text: this.#text, usage };
  }

  /** @returns whether the model was done within its steps */
  async #takeSteps(): Promise<boolean> {
    const { signal } = this.#controller;
    for (let step = 1; step <= this.#context.maxSteps && !signal.aborted; step++) {
      if (await this.#takeStep()) return true;
    }
    return signal.aborted;
  }

  /** @returns whether it was the last one */
  async #takeStep(): Promise<boolean> {
    const answer = await this.#ask();
    this.#text = answer.text;
    if (answer.message) this.#history.add(answer.message);
    if (answer.failure !== undefined) this.#fail(answer.failure);
    if (answer.finishReason === "cut") return true;
    this.#count(answer);
    if (answer.calls.length === 0) return true;
    const isWhole = wholeAnswers.includes(answer.finishReason);
    this.#history.add(toResults(isWhole ? await this.#calls.runAll(answer.calls) : notMade(answer.calls)));
    return !isWhole;
  }

  async #ask(): Promise<ModelAnswer> {
    const { model, emit, shelf, instructions, maxTools: max } = this.#context;
    const { prompt, history } = this.#request;
    const { signal } = this.#controller;
    await shelf.refresh({ signal });
    const messages = this.#history.toRequest(history);
    const offered = pickTools(shelf.tools, { max, prompt, used: findUsed(messages) });
    return askModel({ model, instructions, messages, tools: offerTools(offered), emit, signal });
  }

  #count({ usage, warnings, finishReason, text }: ModelAnswer): void {
    const { emit, log } = this.#context;
    this.#usage = addUsage(this.#usage, usage);
    emit({ type: "step_ended", usage });
    for (const warning of warnings) log.debug(`The model's provider warns: ${quote(warning, 300)}`);
    if (finishReason === "length") log.warn("The model's answer was cut at its limit of tokens.");
    if (finishReason === "content-filter" && text === "") {
      this.#fail(new AppError("model_failed", "The model's provider withheld the answer (content filter)."));
    }
  }

  /** Only the first error counts, and none that comes of an abort. */
  #fail(thrown: unknown): void {
    if (this.#controller.signal.aborted) return;
    this.#failure ??= findAppError(thrown);
  }
}

function notMade(calls: readonly AskedCall[]): readonly AnsweredCall[] {
  return calls.map((call) => ({ call, answer: notRunAnswer }));
}
