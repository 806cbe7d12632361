import { type Answer, type AskedCall, piecesOf, usualUsage } from "./openai-stream.ts";

const chunkHead = {
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  created: 1_760_000_000,
  model: "test-model",
  system_fingerprint: "fp_1",
};

function frame(delta: unknown, finishReason: string | null = null): string {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finishReason }];
  return `data: ${JSON.stringify({ ...chunkHead, choices, usage: null })}\n\n`;
}

function* callFrames(calls: readonly AskedCall[]): Generator<string> {
  for (const [index, { name, args, id = `call_${crypto.randomUUID()}` }] of calls.entries()) {
    yield frame({ tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] });
    for (const piece of piecesOf(args)) {
      yield frame({ tool_calls: [{ index, function: { arguments: piece } }] });
    }
  }
}

function countTokens({ usage = usualUsage }: Answer) {
  const { input, output, cached, reasoning } = usage;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    ...(cached !== undefined && { prompt_tokens_details: { cached_tokens: cached } }),
    ...(reasoning !== undefined && { completion_tokens_details: { reasoning_tokens: reasoning } }),
  };
}

/** An answer as Chat Completions stream it; what the model thinks as compatible servers do. */
export async function* chatFrames(answer: Answer): AsyncGenerator<string> {
  const { reasoning = [], text = [], calls = [], cut } = answer;
  yield frame({ role: "assistant", content: text.length > 0 ? "" : null, refusal: null });
  for (const piece of reasoning) yield frame({ reasoning_content: piece });
  for (const piece of text) {
    if (typeof piece === "string") yield frame({ content: piece });
    else await piece;
  }
  if (answer.noise !== undefined) yield answer.noise;
  yield* callFrames(calls);
  await answer.pause;
  if (cut === "end") return;
  if (cut === "reset") throw new Error("cut");
  yield frame({}, answer.finishReason ?? (calls.length > 0 ? "tool_calls" : "stop"));
  yield `data: ${JSON.stringify({ ...chunkHead, choices: [], usage: countTokens(answer) })}\n\n`;
  yield "data: [DONE]\n\n";
}
