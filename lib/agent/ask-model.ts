import {
  type AssistantModelMessage,
  isStepCount,
  type LanguageModel,
  type ModelMessage,
  type StepResult,
  streamText,
  type ToolSet,
} from "ai";
import { sleep } from "../base/abort.ts";
import type { AgentEvent, EventSink, TokenUsage } from "../base/events.ts";
import { AnswerEvents } from "./answer-events.ts";
import { findAppError, findRetryableError } from "./find-app-error.ts";
import { callsOf } from "./repair-history.ts";
import { tameName } from "./tool-names.ts";

/** What a model is asked. */
export interface ModelQuestion {
  readonly model: LanguageModel;
  readonly instructions: string;
  readonly messages: ModelMessage[];
  /** Tools that the SDK does not run itself. */
  readonly tools: ToolSet;
  readonly emit: EventSink<AgentEvent>;
  readonly signal: AbortSignal;
}

/** A call as the model asks for it. */
export interface AskedCall {
  readonly toolCallId: string;
  /** The name under which the model knows the tool; of an unknown one whatever it wrote. */
  readonly toolName: string;
  /** Text where it is not JSON. */
  readonly input: unknown;
}

/** A whole answer of a model, or what came of one that was cut off. */
export interface ModelAnswer {
  readonly text: string;
  /** For the history. Absent where nothing came. */
  readonly message: AssistantModelMessage | undefined;
  readonly calls: readonly AskedCall[];
  readonly usage: TokenUsage;
  /** `cut` where it is not whole. */
  readonly finishReason: StepResult<ToolSet>["finishReason"] | "cut";
  readonly warnings: readonly unknown[];
  /** Why it was cut off; absent for an interrupt. */
  readonly failure?: unknown;
}

/** How often a request is made in all. */
const maxAttempts = 3;
/** The second try follows after this time, the third after four times as much. */
const firstDelayMs = 1000;

/** No answer has more tokens; a server that says so is wrong. */
const maxTokens = 1e9;

/** A number of tokens, whatever the provider says that it is. */
function readCount(count = 0): number {
  return Number.isFinite(count) ? Math.min(Math.max(0, Math.round(count)), maxTokens) : 0;
}

/** Of the parts that are not always there only those that count for something. */
function readUsage({ usage }: StepResult<ToolSet>): TokenUsage {
  const cached = readCount(usage.inputTokenDetails.cacheReadTokens);
  const reasoning = readCount(usage.outputTokenDetails.reasoningTokens);
  return {
    inputTokens: readCount(usage.inputTokens),
    outputTokens: readCount(usage.outputTokens),
    ...(cached > 0 && { cachedInputTokens: cached }),
    ...(reasoning > 0 && { reasoningTokens: reasoning }),
  };
}

/** Some servers number the calls of each answer anew, or not at all: two with one id would spoil the history. */
function renameTwins(calls: readonly AskedCall[], taken: ReadonlySet<string>): readonly AskedCall[] {
  const ids = new Set(["", ...taken]);
  return calls.map((call) => {
    const toolCallId = ids.has(call.toolCallId) ? `call_${crypto.randomUUID()}` : call.toolCallId;
    ids.add(toolCallId);
    return { ...call, toolCallId };
  });
}

/** The message with these ids, and with names that a provider takes back: one bad name would spoil the history. */
function withIds(message: AssistantModelMessage | undefined, calls: readonly AskedCall[]) {
  if (!message || typeof message.content === "string") return message;
  const ids = calls.map(({ toolCallId }) => toolCallId).values();
  const content = message.content.map((part) =>
    part.type === "tool-call"
      ? { ...part, toolCallId: ids.next().value ?? part.toolCallId, toolName: tameName(part.toolName) }
      : part,
  );
  return { ...message, content };
}

function readStep(step: StepResult<ToolSet>, text: string, taken: ReadonlySet<string>): ModelAnswer {
  const asked = step.toolCalls.map(({ toolCallId, toolName, input }) => ({ toolCallId, toolName, input }));
  const calls = renameTwins(asked, taken);
  const message = step.response.messages.find(({ role }) => role === "assistant");
  return {
    text,
    message: withIds(message as AssistantModelMessage | undefined, calls),
    calls,
    usage: readUsage(step),
    finishReason: step.finishReason,
    warnings: step.warnings ?? [],
  };
}

/** Only the text stays: half a call is none, and reasoning is worth nothing without its end. */
function readCut(text: string, failure: unknown): ModelAnswer {
  return {
    text,
    message: text === "" ? undefined : { role: "assistant", content: text },
    calls: [],
    usage: { inputTokens: 0, outputTokens: 0 },
    finishReason: "cut",
    warnings: [],
    failure,
  };
}

async function askOnce(question: ModelQuestion, events: AnswerEvents): Promise<ModelAnswer> {
  const { model, instructions, messages, tools, signal } = question;
  let failure: unknown;
  let step: StepResult<ToolSet> | undefined;
  const fail = (thrown: unknown) => void (failure ??= thrown);
  const result = streamText({
    model,
    instructions,
    messages,
    tools,
    stopWhen: isStepCount(1),
    // Tries are ours: they are shown, and none is made once a piece of an answer has come.
    maxRetries: 0,
    abortSignal: signal,
    telemetry: { isEnabled: false },
    onChunk: ({ chunk }) => events.read(chunk),
    onStepEnd: (ended) => void (step = ended),
    // Without this the SDK prints errors, request bodies and all.
    onError: ({ error }) => fail(error),
  });
  // The promises of the result are never touched: on abort they reject.
  await result.consumeStream({ onError: fail });
  events.end();
  if (!step || failure !== undefined) return readCut(events.text, failure);
  return readStep(step, events.text, new Set(messages.flatMap(callsOf).map(({ toolCallId }) => toolCallId)));
}

/** @returns milliseconds; undefined where another try makes no sense */
function delayBefore(attempt: number, answer: ModelAnswer, hasContent: boolean): number | undefined {
  const retryable = hasContent || attempt > maxAttempts ? undefined : findRetryableError(answer.failure);
  return retryable && (retryable.afterMs ?? firstDelayMs * 4 ** (attempt - 2));
}

/**
 * Asks a model, again where the first tries brought nothing at all and the error may pass: up to three times, with
 * the time between that the server asks for. Nothing throws: what went wrong stands in the answer.
 */
export async function askModel(question: ModelQuestion): Promise<ModelAnswer> {
  const { emit, signal } = question;
  for (let attempt = 2; ; attempt++) {
    const events = new AnswerEvents(emit);
    const answer = await askOnce(question, events).catch((thrown: unknown) => readCut(events.text, thrown));
    const afterMs = signal.aborted ? undefined : delayBefore(attempt, answer, events.hasContent);
    if (afterMs === undefined) return answer;
    emit({ type: "model_retry", attempt, afterMs, message: findAppError(answer.failure).message });
    await sleep(afterMs, { signal }).catch(() => {});
    if (signal.aborted) return readCut("", undefined);
  }
}
