import {
  isStepCount,
  type LanguageModel,
  type ModelMessage,
  type StepResult,
  streamText,
  type ToolSet,
} from "ai";
import { AppError } from "../base/errors.ts";
import type { AgentEvent, EventSink, TokenUsage, TurnOutcome } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import { quote } from "../base/text.ts";
import type { Connection, ToolDescription } from "../transport/client/contract.ts";
import { AnswerEvents } from "./answer-events.ts";
import { CallRunner } from "./call-runner.ts";
import { findAppError } from "./find-app-error.ts";
import { offerTools, type RunCall } from "./server-tools.ts";
import { notRunAnswer } from "./tool-answer.ts";
import { TurnHistory } from "./turn-history.ts";

/** What all turns of a conversation share. */
export interface TurnContext {
  readonly model: LanguageModel;
  readonly connection: Pick<Connection, "callTool">;
  readonly emit: EventSink<AgentEvent>;
  readonly log: Log;
  /** By the name under which the model knows them. */
  readonly tools: ReadonlyMap<string, ToolDescription>;
  readonly maxSteps: number;
  readonly instructions: string;
}

/** How a turn ended that was not broken off by an error. */
export interface TurnResult {
  readonly outcome: Exclude<TurnOutcome, "failed">;
  /** What the model wrote in its last step, as far as it came. */
  readonly text: string;
  /** Summed over the steps that ended. */
  readonly usage: TokenUsage;
}

/** One turn: the model answers, its calls are made, it answers again, until it is done. */
export class Turn {
  readonly #context: TurnContext;
  readonly #callerSignal: AbortSignal | undefined;
  readonly #controller = new AbortController();
  readonly #history = new TurnHistory();
  readonly #answer: AnswerEvents;
  readonly #calls: CallRunner;
  #failure: AppError | undefined;
  #usage: TokenUsage = { inputTokens: 0, outputTokens: 0 };
  #steps = 0;
  #isStepLimit = false;

  constructor(context: TurnContext, callerSignal: AbortSignal | undefined) {
    const { connection, emit } = context;
    this.#context = context;
    this.#callerSignal = callerSignal;
    this.#answer = new AnswerEvents(this.#history, emit);
    this.#calls = new CallRunner({
      connection,
      emit,
      signal: this.#controller.signal,
      onSignInError: (error) => {
        this.#fail(error);
        this.#controller.abort();
      },
    });
  }

  /** What the turn adds to the history; valid however it ended. */
  messages(): ModelMessage[] {
    return this.#history.toMessages();
  }

  /**
   * Runs the turn to its end and reports that.
   *
   * @param messages the history and the prompt
   */
  async run(messages: ModelMessage[]): Promise<TurnResult> {
    // Not the caller's signal itself: a turn ends its stream and its calls on its own account, too.
    const onAbort = () => this.#controller.abort();
    this.#callerSignal?.addEventListener("abort", onAbort, { once: true });
    try {
      if (!this.#callerSignal?.aborted) await this.#stream(messages);
    } catch (thrown) {
      this.#fail(thrown);
    }
    this.#callerSignal?.removeEventListener("abort", onAbort);
    this.#controller.abort();
    await this.#calls.settled();
    return this.#end();
  }

  #end(): TurnResult {
    const { emit } = this.#context;
    const usage = this.#usage;
    this.#answer.endText();
    if (this.#failure) {
      emit({ type: "turn_ended", outcome: "failed", usage });
      throw this.#failure;
    }
    const finished = this.#isStepLimit ? "step_limit" : "done";
    const outcome = this.#callerSignal?.aborted ? "interrupted" : finished;
    emit({ type: "turn_ended", outcome, usage });
    return { outcome, text: this.#history.text, usage };
  }

  async #stream(messages: ModelMessage[]): Promise<void> {
    const { model, instructions, tools, maxSteps } = this.#context;
    const result = streamText({
      model,
      instructions,
      messages,
      tools: offerTools(tools, this.#runCall),
      stopWhen: isStepCount(maxSteps),
      abortSignal: this.#controller.signal,
      telemetry: { isEnabled: false },
      onChunk: ({ chunk }) => this.#answer.read(chunk),
      onStepEnd: (step) => this.#endStep(step),
      // Without this the SDK prints errors, request bodies and all.
      onError: ({ error }) => this.#fail(error),
    });
    // The promises of the result are never touched: on abort they reject.
    await result.consumeStream({ onError: (error) => this.#fail(error) });
  }

  readonly #runCall: RunCall = async (name, args, call) => {
    const { signal } = this.#controller;
    if (!(await this.#answer.reached(call.toolCallId, signal))) return notRunAnswer;
    this.#history.addCall(call);
    return this.#calls.run(name, args, call);
  };

  #endStep(step: StepResult<ToolSet>): void {
    const { log, maxSteps } = this.#context;
    this.#history.endStep(step.response.messages);
    this.#steps += 1;
    this.#isStepLimit = this.#steps >= maxSteps && step.toolCalls.length > 0;
    this.#usage = {
      inputTokens: this.#usage.inputTokens + (step.usage.inputTokens ?? 0),
      outputTokens: this.#usage.outputTokens + (step.usage.outputTokens ?? 0),
    };
    for (const warning of step.warnings ?? [])
      log.debug(`The model's provider warns: ${quote(warning, 300)}`);
    if (step.finishReason === "length") log.warn("The model's answer was cut at its limit of tokens.");
    if (step.finishReason === "content-filter" && step.text === "") {
      this.#fail(new AppError("model_failed", "The model's provider withheld the answer (content filter)."));
    }
  }

  /** Only the first error counts, and none that comes of an abort. */
  #fail(thrown: unknown): void {
    if (this.#controller.signal.aborted) return;
    this.#failure ??= findAppError(thrown);
  }
}
