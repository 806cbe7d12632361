import { describe, expect, test } from "bun:test";
import type { ModelMessage } from "../../lib/agent/conversation.ts";
import { openModel } from "../../lib/agent/open-model.ts";
import { repairHistory } from "../../lib/agent/repair-history.ts";
import { failureOf } from "../transport-client/settled.ts";
import { refuse, say, startOpenAiServer } from "./openai-server.ts";
import { createSteppingTool, echoTool } from "./stepping-tool.ts";
import { apiKey, startTalk } from "./talk.ts";

const echo = (id: string) => say({ text: ["I call."], calls: [{ name: "echo_tool", args: { id }, id }] });

/** Keeps what is told, as a file would. */
function createRecord() {
  const told: ModelMessage[][] = [];
  return {
    told,
    onMessages: (messages: readonly ModelMessage[]) => void told.push([...messages]),
    /** As it would be read after the process was killed now. */
    load: () => repairHistory(JSON.parse(JSON.stringify(told.flat()))),
  };
}

describe("messages are told as they become final:", () => {
  test("the prompt with the first answer, the answer before its calls, then their results", async () => {
    const stepping = createSteppingTool();
    const record = createRecord();
    const call = { name: "step_tool", args: { name: "a", steps: 0 }, id: "call_1" };
    const replies = [say({ text: ["I call."], calls: [call] }), say({ text: ["Done."] })];
    await using talk = await startTalk([stepping.tool], replies, { onMessages: record.onMessages });
    const turn = talk.runTurn("go");
    await stepping.started("a");
    expect(record.told.map((messages) => messages.map(({ role }) => role))).toEqual([["user", "assistant"]]);
    stepping.end("a");
    await turn;
    expect(record.told.map((messages) => messages.map(({ role }) => role))).toEqual([
      ["user", "assistant"],
      ["tool"],
      ["assistant"],
    ]);
    expect(record.told.flat()).toEqual([...talk.conversation.history()]);
  });

  test("nothing of a turn that brought nothing", async () => {
    const record = createRecord();
    await using talk = await startTalk([echoTool], [refuse(401)], { onMessages: record.onMessages });
    await failureOf(talk.runTurn("go"));
    expect([record.told, talk.conversation.history()]).toEqual([[], []]);
  });

  test("the text of an answer that was cut off", async () => {
    const record = createRecord();
    const cut = say({ text: ["Half", new Promise(() => {})] });
    await using talk = await startTalk([echoTool], [cut], { onMessages: record.onMessages });
    const caller = new AbortController();
    const turn = talk.runTurn("go", { signal: caller.signal });
    await talk.waitFor((event) => event.type === "text_delta");
    caller.abort();
    await turn;
    expect(record.told).toEqual([
      [
        { role: "user", content: "go" },
        { role: "assistant", content: "Half" },
      ],
    ]);
  });
});

describe("a conversation that goes on from a history", () => {
  test("knows what was said, also after the process was killed in the middle of a call", async () => {
    const stepping = createSteppingTool();
    const record = createRecord();
    const calls = ["a", "b"].map((name) => ({
      name: "step_tool",
      args: { name, steps: 0 },
      id: `call_${name}`,
    }));
    await using first = await startTalk([stepping.tool], [say({ calls })], { onMessages: record.onMessages });
    const caller = new AbortController();
    const turn = first.runTurn("go", { signal: caller.signal });
    await Promise.all([stepping.started("a"), stepping.started("b")]);
    const history = record.load();
    caller.abort();
    await turn;
    await using second = await startTalk([echoTool], [say({ text: ["ok"] })], { history });
    expect((await second.runTurn("and now?")).text).toBe("ok");
    expect(second.modelServer.messages().slice(1)).toMatchObject([
      { role: "user", content: "go" },
      { role: "assistant", tool_calls: [{ id: "call_a" }, { id: "call_b" }] },
      { role: "tool", tool_call_id: "call_a", content: '{"error":"interrupted, may have run"}' },
      { role: "tool", tool_call_id: "call_b", content: '{"error":"interrupted, may have run"}' },
      { role: "user", content: "and now?" },
    ]);
  });

  test("speaks the other API, too", async () => {
    await using first = await startTalk([echoTool], [echo("call_1"), say({ text: ["Done."] })]);
    await first.runTurn("go");
    await using server = startOpenAiServer(say({ text: ["ok"] }));
    const model = openModel({ model: "gpt-5", baseUrl: server.url, apiKey, api: "responses" });
    await using second = await startTalk([echoTool], [], { model, history: first.conversation.history() });
    expect((await second.runTurn("and now?")).text).toBe("ok");
    const kinds = server.requests[0]?.input.map(({ role, type }) => role ?? type);
    expect(kinds?.slice(1)).toEqual([
      "user",
      "assistant",
      "function_call",
      "function_call_output",
      "assistant",
      "user",
    ]);
  });
});

describe("a history is repaired:", () => {
  const user = { role: "user", content: "go" } as const;
  const call = (toolCallId: string) =>
    ({ type: "tool-call", toolCallId, toolName: "it", input: {} }) as const;
  const result = (toolCallId: string) =>
    ({ type: "tool-result", toolCallId, toolName: "it", output: { type: "text", value: "done" } }) as const;
  const asked = { role: "assistant", content: [call("1"), call("2")] } as const;
  const rolesOf = (messages: readonly ModelMessage[]) => messages.map(({ role }) => role);

  test("a call without a result gets one, where the others stand", () => {
    const messages = [
      user,
      asked,
      { role: "tool", content: [result("2")] },
      user,
      { role: "assistant", content: "ok" },
    ];
    const repaired = repairHistory(messages as unknown as ModelMessage[]);
    expect(rolesOf(repaired)).toEqual(["user", "assistant", "tool", "user", "assistant"]);
    const output = { type: "error-text", value: "interrupted, may have run" };
    expect(repaired[2]?.content).toEqual([{ ...result("1"), output } as never, result("2")]);
  });

  test.each<[string, unknown[], string[]]>([
    ["results without a call go", [user, { role: "tool", content: [result("1")] }], []],
    [
      "a prompt without an answer goes",
      [user, { role: "assistant", content: "ok" }, user],
      ["user", "assistant"],
    ],
    ["what is whole stays", [user, { role: "assistant", content: "ok" }], ["user", "assistant"]],
    ["nothing stays nothing", [], []],
    [
      "instructions go",
      [{ role: "system", content: "Obey." }, user, { role: "assistant", content: "ok" }],
      ["user", "assistant"],
    ],
  ])("%s", (_, messages, roles) => {
    expect(rolesOf(repairHistory(messages as ModelMessage[]))).toEqual(roles as never);
  });

  test("what we would not have written goes, wherever it stands", () => {
    const url = "https://evil.example/x";
    const providerOptions = { openai: { x: 1 } };
    const image = { type: "image", image: new URL(url) };
    const media = { type: "content", value: [{ type: "image-url", url }] };
    const repaired = repairHistory([
      { role: "user", content: [{ type: "text", text: "go", providerOptions }, image], providerOptions },
      { role: "assistant", content: [{ ...call("1"), providerExecuted: true }], providerOptions },
      { role: "tool", content: [{ ...result("1"), output: media }], providerOptions },
      { role: "assistant", content: [{ type: "file", data: url, mediaType: "image/png" }] },
    ] as unknown as ModelMessage[]);
    const output = { type: "error-text", value: "interrupted, may have run" };
    expect(repaired).toEqual([
      user,
      { role: "assistant", content: [call("1")] },
      { role: "tool", content: [{ ...result("1"), output } as never] },
    ]);
  });

  test("what a provider sealed goes", () => {
    const sealed = { openai: { itemId: "rs_1", reasoningEncryptedContent: "x" } };
    const content = [
      { type: "reasoning", text: "Hm.", providerOptions: sealed },
      { type: "text", text: "ok", providerOptions: sealed },
    ] as const;
    const repaired = repairHistory([user, { role: "assistant", content: [...content] }]);
    expect(repaired[1]).toEqual({ role: "assistant", content: [{ type: "text", text: "ok" }] });
  });
});

describe("between turns", () => {
  test("the model can be changed; what the other one sealed stays behind", async () => {
    await using server = startOpenAiServer(say({ reasoning: ["Hm."], text: ["first"] }));
    const model = openModel({ model: "gpt-5", baseUrl: server.url, apiKey, api: "responses" });
    await using talk = await startTalk([echoTool], [say({ text: ["second"] })], { model });
    await talk.runTurn("one");
    talk.conversation.setModel(openModel({ model: "other", baseUrl: talk.modelServer.url, apiKey }));
    expect((await talk.runTurn("two")).text).toBe("second");
    expect(talk.modelServer.requests[0]?.body.model).toBe("other");
    expect(JSON.stringify(talk.conversation.history())).not.toContain("sealed");
  });

  test.each<[string, ModelMessage[], string[]]>([
    ["everything can be forgotten", [], ["two"]],
    [
      "another talk can go on",
      [
        { role: "user", content: "zero" },
        { role: "assistant", content: "0" },
        { role: "user", content: "unanswered" },
      ],
      ["zero", "0", "two"],
    ],
  ])("%s; the tokens stay counted", async (_, history, expected) => {
    await using talk = await startTalk([echoTool], [say({ text: ["a"] }), say({ text: ["b"] })]);
    await talk.runTurn("one");
    talk.conversation.setHistory(history);
    await talk.runTurn("two");
    const sent = talk.modelServer.messages().slice(1);
    expect(sent.map(({ content }) => content)).toEqual(expected);
    expect(talk.conversation.usage()).toEqual({ inputTokens: 22, outputTokens: 14 });
  });

  test("a turn that failed counts what it used", async () => {
    await using talk = await startTalk([echoTool], [echo("call_1"), refuse(401)]);
    await failureOf(talk.runTurn("go"));
    expect(talk.conversation.usage()).toEqual({ inputTokens: 11, outputTokens: 7 });
  });

  test.each(["setHistory", "setModel"] as const)("%s waits for the end of a turn", async (name) => {
    const gate = Promise.withResolvers<void>();
    await using talk = await startTalk([echoTool], [say({ text: ["a", gate.promise] })]);
    const turn = talk.runTurn("go");
    const { conversation } = talk;
    const change = () =>
      name === "setHistory" ? conversation.setHistory([]) : conversation.setModel("m" as never);
    expect(change).toThrow(expect.objectContaining({ code: "usage" }));
    gate.resolve();
    await turn;
  });
});
