import type { ProviderModel } from "./provider-model.ts";
import { planCalls, type PlannedCall } from "./script-plan.ts";

type CallOptions = Parameters<ProviderModel["doStream"]>[0];
type Prompt = CallOptions["prompt"];
type Answer = Awaited<ReturnType<ProviderModel["doGenerate"]>>;
type AnswerPart =
  Awaited<ReturnType<ProviderModel["doStream"]>>["stream"] extends ReadableStream<infer Part> ? Part : never;
type Result = Extract<Extract<Prompt[number], { role: "tool" }>["content"][number], { type: "tool-result" }>;

const confession = "This is a script, not a model: ";
const ability =
  'it only understands prompts such as "reverse hello and reverse world and give me a number between 1 and 40".';
/** A script reads and writes no tokens. */
const noTokens: Answer["usage"] = {
  inputTokens: { total: 0, noCache: 0, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 0, text: 0, reasoning: 0 },
};

function answerText(text: string): Answer {
  return {
    content: [{ type: "text", text: confession + text }],
    finishReason: { unified: "stop", raw: "stop" },
    usage: noTokens,
    warnings: [],
  };
}

function answerCalls(calls: readonly PlannedCall[]): Answer {
  const content = calls.map(({ toolName, input }) => ({
    type: "tool-call" as const,
    toolCallId: `call_${crypto.randomUUID()}`,
    toolName,
    input: JSON.stringify(input),
  }));
  return {
    content,
    finishReason: { unified: "tool-calls", raw: "tool_calls" },
    usage: noTokens,
    warnings: [],
  };
}

/** The one value of a result such as `{"reversed_query":"olleh"}`; else the text as it is, cut. */
function readValue(text: string): string {
  try {
    const values = Object.values(JSON.parse(text) as object);
    if (values.length === 1) return JSON.stringify(values[0]);
  } catch {
    // Not JSON: shown as it is.
  }
  return text.slice(0, 200);
}

function describeResult({ output }: Result): string {
  if (output.type === "text") return `gave ${readValue(output.value)}`;
  return output.type === "error-text" ? `failed (${output.value.slice(0, 200)})` : "gave something else";
}

function describeResults(prompt: Prompt, results: readonly Result[]): string {
  const asked = prompt.flatMap((message) => (message.role === "assistant" ? message.content : []));
  const sentences = results.map((result) => {
    const call = asked.findLast((part) => part.type === "tool-call" && part.toolCallId === result.toolCallId);
    const input = call?.type === "tool-call" ? JSON.stringify(call.input) : "";
    return `${result.toolName}(${input}) ${describeResult(result)}`;
  });
  return `${sentences.join("; ")}.`;
}

function answer({ prompt, tools = [] }: CallOptions): Answer {
  const last = prompt.at(-1);
  if (last?.role === "tool") {
    const results = last.content.filter((part) => part.type === "tool-result");
    return answerText(describeResults(prompt, results));
  }
  const text =
    last?.role === "user" ? last.content.map((part) => (part.type === "text" ? part.text : "")).join("") : "";
  const calls = planCalls(text);
  const missing = calls.find(({ toolName }) => !tools.some(({ name }) => name === toolName));
  if (missing) return answerText(`it would call ${missing.toolName}, but the server does not offer that.`);
  return calls.length > 0 ? answerCalls(calls) : answerText(ability);
}

function* stream({ content, finishReason, usage, warnings }: Answer): Generator<AnswerPart> {
  yield { type: "stream-start", warnings };
  for (const part of content) {
    if (part.type === "tool-call") yield part;
    if (part.type !== "text") continue;
    yield { type: "text-start", id: "0" };
    for (const [delta] of part.text.matchAll(/\S+\s*/g)) yield { type: "text-delta", id: "0", delta };
    yield { type: "text-end", id: "0" };
  }
  yield { type: "finish", finishReason, usage };
}

/**
 * A small script in the place of a model, for demos and tests: it turns "reverse X and reverse Y and give me a
 * number between 1 and 40" into real tool calls, all in one step, then names what they gave. It says that it is a
 * script in everything that it writes.
 */
export function createScriptedModel(): ProviderModel {
  return {
    specificationVersion: "v4",
    provider: "built-in",
    modelId: "scripted",
    supportedUrls: {},
    doGenerate: async (options) => answer(options),
    doStream: async (options) => {
      options.abortSignal?.throwIfAborted();
      const parts = stream(answer(options));
      const pull = (controller: ReadableStreamDefaultController<AnswerPart>) => {
        const { done, value } = parts.next();
        if (done) controller.close();
        else controller.enqueue(value);
      };
      return { stream: new ReadableStream({ pull }) };
    },
  };
}
