import { describe, expect, test } from "bun:test";
import type { AgentEvent } from "../../lib/base/events.ts";
import { failureOf } from "../transport-client/settled.ts";
import { findHistoryFault, say } from "./openai-server.ts";
import { createSteppingTool, echoTool, failingTool } from "./stepping-tool.ts";
import { startTalk } from "./talk.ts";

const isCall = (type: AgentEvent["type"], callId: string) => (event: AgentEvent) =>
  event.type === type && "callId" in event && event.callId === callId;

test("a turn without tool calls streams its text, counts tokens, and is remembered", async () => {
  await using talk = await startTalk([echoTool], [say({ text: ["Hel", "lo"] }), say({ text: ["again"] })]);
  const usage = { inputTokens: 11, outputTokens: 7 };
  expect(await talk.runTurn("hi")).toEqual({ outcome: "done", text: "Hello", usage });
  expect(talk.events).toEqual([
    { type: "text_delta", text: "Hel" },
    { type: "text_delta", text: "lo" },
    { type: "text_ended" },
    { type: "step_ended", usage },
    { type: "turn_ended", outcome: "done", usage },
  ]);
  await talk.runTurn("and?");
  expect(talk.modelServer.messages().slice(1)).toEqual([
    { role: "user", content: "hi" },
    { role: "assistant", content: "Hello" },
    { role: "user", content: "and?" },
  ]);
});

test("offers the tools of the server and no others, with their own schemas", async () => {
  await using talk = await startTalk([echoTool, failingTool], [say({ text: ["ok"] })]);
  await talk.runTurn("hi");
  const listed = await talk.connection.listTools();
  const offered = talk.modelServer.requests[0]?.body.tools?.map((tool) => tool.function);
  expect(offered?.map(({ name, parameters }) => ({ name, inputSchema: parameters }))).toEqual(
    listed.map(({ name, inputSchema }) => ({ name, inputSchema })),
  );
});

test("two calls of one step run at the same time, with the model's own arguments and progress in turn", async () => {
  const nonce = crypto.randomUUID();
  const stepping = createSteppingTool();
  const args = (name: string) => ({ name, steps: 2, nonce, odd: { "ä\n": [1.5, null, "\u{1F600}"] } });
  const calls = [
    { name: "step_tool", args: args("a"), id: "call_a" },
    { name: "step_tool", args: args("b"), id: "call_b" },
  ];
  await using talk = await startTalk(
    [stepping.tool],
    [say({ text: ["I ", "call."], calls }), say({ text: ["Both ended."] })],
  );
  const turn = talk.runTurn("go");
  await Promise.all([stepping.started("a"), stepping.started("b")]);
  for (const [name, step] of [
    ["b", 1],
    ["a", 1],
    ["a", 2],
    ["b", 2],
  ] as const) {
    stepping.step(name, step);
    await talk.waitFor(
      (event) =>
        isCall("call_progress", `call_${name}`)(event) && "progress" in event && event.progress === step,
    );
  }
  stepping.end("b");
  await talk.waitFor(isCall("call_ended", "call_b"));
  stepping.end("a");
  expect(await turn).toEqual({
    outcome: "done",
    text: "Both ended.",
    usage: { inputTokens: 22, outputTokens: 14 },
  });
  expect(stepping.received).toHaveLength(2);
  expect(stepping.received).toContainEqual(args("a"));
  expect(stepping.received).toContainEqual(args("b"));
  const kinds = talk.events.map((event) =>
    "callId" in event ? `${event.type} ${event.callId}` : event.type,
  );
  expect(kinds).toEqual([
    "text_delta",
    "text_delta",
    "text_ended",
    "step_ended",
    "call_started call_a",
    "call_started call_b",
    "call_progress call_b",
    "call_progress call_a",
    "call_progress call_a",
    "call_progress call_b",
    "call_ended call_b",
    "call_ended call_a",
    "text_delta",
    "text_ended",
    "step_ended",
    "turn_ended",
  ]);
  expect(talk.ofType("call_progress")[0]).toEqual({
    type: "call_progress",
    callId: "call_b",
    progress: 1,
    total: 2,
    message: "b at 1",
  });
  expect(talk.modelServer.messages().slice(2)).toEqual([
    {
      role: "assistant",
      content: "I call.",
      tool_calls: calls.map(({ id, name, args: sent }) => ({
        id,
        type: "function",
        function: { name, arguments: JSON.stringify(sent) },
      })),
    },
    { role: "tool", tool_call_id: "call_a", content: '{"finished":"a"}' },
    { role: "tool", tool_call_id: "call_b", content: '{"finished":"b"}' },
  ]);
});

test("a call is summed up on one line without control characters", async () => {
  const args = { query: "a\u001B[31mb\nc\u202E", long: "x".repeat(100) };
  await using talk = await startTalk(
    [echoTool],
    [say({ calls: [{ name: "echo_tool", args }] }), say({ text: ["ok"] })],
  );
  await talk.runTurn("go");
  const [started] = talk.ofType("call_started");
  expect(started?.summary).toStartWith('query: "a');
  expect(started?.summary).toHaveLength(60);
  expect(started?.summary).not.toMatch(/[\u0000-\u001F\u007F-\u009F\u202E]/);
});

describe("what goes wrong in a call is an answer for the model, and the turn goes on:", () => {
  test("a tool that fails", async () => {
    const call = { name: "failing_tool", args: {}, id: "call_1" };
    await using talk = await startTalk([failingTool], [say({ calls: [call] }), say({ text: ["I see."] })]);
    expect((await talk.runTurn("go")).outcome).toBe("done");
    expect(talk.ofType("call_ended")).toEqual([
      {
        type: "call_ended",
        callId: "call_1",
        outcome: "tool_error",
        message: "The printer is out of paper.",
      },
    ]);
    const { error } = JSON.parse(String(talk.modelServer.messages().at(-1)?.content));
    expect(error).toBe("The printer is out of paper.");
  });

  test.each([
    ["a tool that is not there", { name: "no_tool", args: {} }, "unknown_tool", 'no tool "no_tool"'],
    [
      "arguments that are not JSON",
      { name: "step_tool", args: '{"a":' },
      "invalid_arguments",
      "not valid JSON",
    ],
    ["arguments that are no object", { name: "step_tool", args: "[1]" }, "invalid_arguments", "JSON object"],
    ["arguments that do not fit", { name: "step_tool", args: { name: 5 } }, "invalid_arguments", "schema"],
    ["arguments that miss one", { name: "step_tool", args: { name: "a" } }, "invalid_arguments", "steps"],
  ] as const)("%s: the call is refused, and nobody is asked", async (_, call, reason, said) => {
    const { tool, received } = createSteppingTool();
    const asked: unknown[] = [];
    const approve = async (request: unknown) => {
      asked.push(request);
      return { isApproved: true } as const;
    };
    const replies = [say({ calls: [{ ...call, id: "call_1" }] }), say({ text: ["I see."] })];
    await using talk = await startTalk([tool], replies, { approve });
    expect((await talk.runTurn("go")).outcome).toBe("done");
    expect(talk.ofType("call_refused")).toMatchObject([{ callId: "call_1", tool: call.name, reason }]);
    expect([talk.ofType("call_started"), asked, received]).toEqual([[], [], []]);
    const { error } = JSON.parse(String(talk.modelServer.messages().at(-1)?.content));
    expect(error).toContain(said);
  });
});

test("stops after the last step that is allowed, and goes on in the next turn", async () => {
  const call = { name: "echo_tool", args: { n: 1 } };
  await using talk = await startTalk(
    [echoTool],
    [say({ calls: [call] }), say({ calls: [call] }), say({ text: ["On."] })],
    { maxSteps: 2 },
  );
  expect(await talk.runTurn("go")).toMatchObject({ outcome: "step_limit", usage: { inputTokens: 22 } });
  expect(talk.events.at(-1)).toMatchObject({ type: "turn_ended", outcome: "step_limit" });
  expect(await talk.runTurn("go on")).toMatchObject({ outcome: "done", text: "On." });
  expect(talk.modelServer.messages().map(({ role }) => role)).toEqual([
    "system",
    "user",
    "assistant",
    "tool",
    "assistant",
    "tool",
    "user",
  ]);
});

test("an answer in the last step that is allowed is no step limit", async () => {
  const replies = [say({ calls: [{ name: "echo_tool", args: {} }] }), say({ text: ["Done."] })];
  await using talk = await startTalk([echoTool], replies, { maxSteps: 2 });
  expect((await talk.runTurn("go")).outcome).toBe("done");
});

test("calls of an answer that was cut at the limit of tokens are not made, and the next turn works", async () => {
  const replies = [
    say({ calls: [{ name: "echo_tool", args: {} }], finishReason: "length" }),
    say({ text: ["ok"] }),
  ];
  await using talk = await startTalk([echoTool], replies);
  expect((await talk.runTurn("go")).outcome).toBe("done");
  expect(talk.ofType("call_started")).toEqual([]);
  expect(talk.lines.join()).toContain("limit of tokens");
  expect((await talk.runTurn("go on")).text).toBe("ok");
  expect(String(talk.modelServer.messages().at(-2)?.content)).toContain("not made");
});

test("a second turn at the same time is refused", async () => {
  const gate = Promise.withResolvers<void>();
  await using talk = await startTalk([echoTool], [say({ text: ["a", gate.promise] })]);
  const turn = talk.runTurn("go");
  expect((await failureOf(talk.runTurn("me too"))).code).toBe("usage");
  gate.resolve();
  expect((await turn).outcome).toBe("done");
});

test("the check of histories finds what OpenAI refuses", () => {
  const call = {
    role: "assistant",
    content: null,
    tool_calls: [{ id: "1", type: "function", function: { name: "a", arguments: "{}" } }],
  } as const;
  const result = { role: "tool", tool_call_id: "1", content: "" } as const;
  expect(findHistoryFault([call, result])).toBeUndefined();
  expect(findHistoryFault([call])).toBeDefined();
  expect(findHistoryFault([call, result, result])).toBeDefined();
  expect(findHistoryFault([call, { role: "user", content: "" }])).toBeDefined();
});
