import { describe, expect, test } from "bun:test";
import { createEventLines, createTurnObjects } from "../../lib/agent/output/event-lines.ts";
import { outputLineSchema, outputTurnSchema } from "../../lib/agent/output/output-schema.ts";
import { AppError } from "../../lib/base/errors.ts";
import type { AgentEvent } from "../../lib/base/events.ts";

const session = { sessionId: "20261123-142211-4f2a9c", server: "http://localhost:8000/mcp", model: "m" };
const usage = { inputTokens: 10, outputTokens: 2 };

const turn: AgentEvent[] = [
  { type: "reasoning_delta", text: "hm" },
  { type: "reasoning_ended" },
  { type: "text_delta", text: "At once." },
  { type: "text_ended" },
  { type: "step_ended", usage },
  { type: "call_started", callId: "1", tool: "t", summary: "a: 1", args: { a: 1 } },
  { type: "call_refused", callId: "2", tool: "u", summary: "", reason: "denied" },
  { type: "call_progress", callId: "1", progress: 1, total: 5, message: "\u009B31m" },
  { type: "tools_changed", added: ["v"], removed: [] },
  { type: "call_ended", callId: "1", outcome: "tool_error", message: "no" },
  { type: "model_retry", attempt: 1, afterMs: 500, message: "busy" },
  { type: "text_delta", text: "It is " },
  { type: "text_delta", text: "so." },
  { type: "text_ended" },
  { type: "step_ended", usage },
  { type: "turn_ended", outcome: "done", usage: { inputTokens: 20, outputTokens: 4 } },
];

function collect(create: typeof createEventLines, events: readonly AgentEvent[], thrown?: unknown): string[] {
  let text = "";
  const output = create(
    () => session,
    (part) => (text += part),
  );
  output.start("do it");
  for (const event of events) output.handle(event);
  output.end(thrown);
  expect(text).toEndWith("\n");
  return text.slice(0, -1).split("\n");
}

describe("--output ndjson", () => {
  test("prints one line for each event, all of them valid by the schema", () => {
    const lines = collect(createEventLines, turn).map((line) => outputLineSchema.parse(JSON.parse(line)));
    expect(lines.map(({ type }) => type)).toEqual([
      "session",
      "turn_started",
      ...turn.map(({ type }) => type),
    ]);
    expect(lines).toContainEqual({ v: 1, type: "call_started", callId: "1", tool: "t", arguments: { a: 1 } });
    expect(lines.at(-1)).toMatchObject({ outcome: "done", text: "It is so.", usage: { inputTokens: 20 } });
  });

  test("holds nothing that a terminal would obey", () => {
    expect(collect(createEventLines, turn).join("")).not.toContain("\u009B");
  });

  test("ends with why a turn failed, also where it never began", () => {
    const lines = collect(createEventLines, [], new AppError("model_refused", "No.", { hint: "Key?" }));
    expect(outputLineSchema.parse(JSON.parse(lines.at(-1) ?? ""))).toMatchObject({
      type: "turn_ended",
      outcome: "failed",
      text: "",
      error: { code: "model_refused", message: "No.", hint: "Key?" },
    });
  });
});

describe("--output json", () => {
  test("prints one object for a turn, valid by the schema", () => {
    const lines = collect(createTurnObjects, turn);
    expect(lines).toHaveLength(1);
    expect(outputTurnSchema.parse(JSON.parse(lines[0] ?? ""))).toEqual({
      v: 1,
      ...session,
      outcome: "done",
      text: "It is so.",
      calls: [
        { callId: "1", tool: "t", arguments: { a: 1 }, outcome: "tool_error", message: "no" },
        { callId: "2", tool: "u", outcome: "refused", reason: "denied" },
      ],
      steps: 2,
      usage: { inputTokens: 20, outputTokens: 4 },
    });
  });

  test("says why a turn failed", () => {
    const failed: AgentEvent[] = [{ type: "turn_ended", outcome: "failed", usage }];
    const [line = ""] = collect(createTurnObjects, failed, new AppError("model_failed", "It is down."));
    expect(outputTurnSchema.parse(JSON.parse(line))).toMatchObject({
      outcome: "failed",
      error: { code: "model_failed", message: "It is down." },
    });
  });
});
