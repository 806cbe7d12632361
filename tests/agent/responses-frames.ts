import { type Answer, type AskedCall, piecesOf, usualUsage } from "./openai-stream.ts";

/** What a server sealed of its thoughts, so that it may come back. */
export const sealedReasoning = "sealed-reasoning";

type Event = Readonly<Record<string, unknown>> & { readonly type: string };

const response = { id: "resp_1", object: "response", created_at: 1_760_000_000, model: "test-model" };

function* reasoningEvents(pieces: readonly string[]): Generator<Event> {
  if (pieces.length === 0) return;
  const place = { output_index: 0, item_id: "rs_1", summary_index: 0 };
  const item = { type: "reasoning", id: "rs_1", encrypted_content: null, summary: [] };
  yield { type: "response.output_item.added", output_index: 0, item };
  const part = { type: "summary_text", text: "" };
  yield { type: "response.reasoning_summary_part.added", ...place, part };
  for (const delta of pieces) yield { type: "response.reasoning_summary_text.delta", ...place, delta };
  yield { type: "response.reasoning_summary_part.done", ...place, part: { ...part, text: pieces.join("") } };
  const done = { ...item, encrypted_content: sealedReasoning };
  yield { type: "response.output_item.done", output_index: 0, item: done };
}

async function* textEvents(text: NonNullable<Answer["text"]>): AsyncGenerator<Event> {
  if (text.length === 0) return;
  const place = { output_index: 1, item_id: "msg_1", content_index: 0 };
  const item = { type: "message", id: "msg_1", role: "assistant", status: "in_progress", content: [] };
  yield { type: "response.output_item.added", output_index: 1, item };
  for (const piece of text) {
    if (typeof piece === "string") yield { type: "response.output_text.delta", ...place, delta: piece };
    else await piece;
  }
  yield { type: "response.output_item.done", output_index: 1, item: { ...item, status: "completed" } };
}

function* callEvents(calls: readonly AskedCall[]): Generator<Event> {
  for (const [index, { name, args, id = `call_${crypto.randomUUID()}` }] of calls.entries()) {
    const place = { output_index: index + 2, item_id: `fc_${index}` };
    const item = { type: "function_call", id: `fc_${index}`, call_id: id, name, arguments: "" };
    yield { type: "response.output_item.added", output_index: index + 2, item };
    for (const delta of piecesOf(args))
      yield { type: "response.function_call_arguments.delta", ...place, delta };
    const text = piecesOf(args).join("");
    yield { type: "response.function_call_arguments.done", ...place, arguments: text };
    const done = { ...item, arguments: text, status: "completed" };
    yield { type: "response.output_item.done", output_index: index + 2, item: done };
  }
}

function lastEvent({ finishReason, usage = usualUsage }: Answer): Event {
  const { input, output, cached = 0, reasoning = 0 } = usage;
  const counted = {
    input_tokens: input,
    output_tokens: output,
    total_tokens: input + output,
    input_tokens_details: { cached_tokens: cached },
    output_tokens_details: { reasoning_tokens: reasoning },
  };
  if (finishReason === undefined) {
    return { type: "response.completed", response: { ...response, status: "completed", usage: counted } };
  }
  const reason = finishReason === "length" ? "max_output_tokens" : finishReason;
  const details = { status: "incomplete", incomplete_details: { reason }, usage: counted };
  return { type: "response.incomplete", response: { ...response, ...details } };
}

function frame(event: Event, number: number): string {
  return `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: number })}\n\n`;
}

/** An answer as the Responses API streams it. */
export async function* responsesFrames(answer: Answer): AsyncGenerator<string> {
  let number = 0;
  const next = (event: Event) => frame(event, number++);
  yield next({ type: "response.created", response: { ...response, status: "in_progress" } });
  for (const event of reasoningEvents(answer.reasoning ?? [])) yield next(event);
  for await (const event of textEvents(answer.text ?? [])) yield next(event);
  if (answer.noise !== undefined) yield answer.noise;
  for (const event of callEvents(answer.calls ?? [])) yield next(event);
  await answer.pause;
  if (answer.cut === "end") return;
  if (answer.cut === "reset") throw new Error("cut");
  yield next(lastEvent(answer));
}
