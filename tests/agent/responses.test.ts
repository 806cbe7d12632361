import { describe, expect, test } from "bun:test";
import { openModel } from "../../lib/agent/open-model.ts";
import { failureOf } from "../transport-client/settled.ts";
import { findInputFault, refuse, type Reply, say, sendRaw, startOpenAiServer } from "./openai-server.ts";
import { sealedReasoning } from "./responses-frames.ts";
import { echoTool, failingTool } from "./stepping-tool.ts";
import { apiKey, startTalk } from "./talk.ts";

/** A conversation over the Responses API with a model that is known to think. */
async function startResponses(...replies: Reply[]) {
  const modelServer = startOpenAiServer(...replies);
  const model = openModel({ model: "gpt-5-mini", baseUrl: modelServer.url, apiKey, api: "responses" });
  const talk = await startTalk([echoTool, failingTool], [], { model });
  return {
    ...talk,
    modelServer,
    async [Symbol.asyncDispose]() {
      await talk[Symbol.asyncDispose]();
      await modelServer[Symbol.asyncDispose]();
    },
  };
}

const usage = { input: 30, output: 20, cached: 12, reasoning: 8 };

describe("the Responses API", () => {
  test("streams reasoning and text, and counts every kind of token", async () => {
    await using talk = await startResponses(say({ reasoning: ["Hm", "m."], text: ["Hel", "lo"], usage }));
    const counted = { inputTokens: 30, outputTokens: 20, cachedInputTokens: 12, reasoningTokens: 8 };
    expect(await talk.runTurn("hi")).toEqual({ outcome: "done", text: "Hello", usage: counted });
    expect(talk.events).toEqual([
      { type: "reasoning_delta", text: "Hm" },
      { type: "reasoning_delta", text: "m." },
      { type: "reasoning_ended" },
      { type: "text_delta", text: "Hel" },
      { type: "text_delta", text: "lo" },
      { type: "text_ended" },
      { type: "step_ended", usage: counted },
      { type: "turn_ended", outcome: "done", usage: counted },
    ]);
  });

  test("is asked to store nothing, and gets its sealed reasoning back with the next step", async () => {
    const call = { name: "echo_tool", args: { n: 1 }, id: "call_1" };
    const replies = [say({ reasoning: ["Hm."], calls: [call], usage }), say({ text: ["Done."], usage })];
    await using talk = await startResponses(...replies);
    const result = await talk.runTurn("go");
    expect(result.usage).toEqual({
      inputTokens: 60,
      outputTokens: 40,
      cachedInputTokens: 24,
      reasoningTokens: 16,
    });
    const [first, second] = talk.modelServer.requests;
    expect(first?.path).toBe("/v1/responses");
    expect(first?.body).toMatchObject({ store: false, include: ["reasoning.encrypted_content"] });
    const sent = second?.input.filter(({ role }) => role === undefined) ?? [];
    expect(sent.map(({ type }) => type)).toEqual(["reasoning", "function_call", "function_call_output"]);
    expect(sent[0]).toMatchObject({ encrypted_content: sealedReasoning });
    expect(JSON.stringify(second?.input)).not.toContain("item_reference");
  });

  test("runs calls at the same time, and reads failures as results", async () => {
    const calls = [
      { name: "echo_tool", args: { n: 1 }, id: "call_1" },
      { name: "failing_tool", args: {}, id: "call_2" },
    ];
    await using talk = await startResponses(say({ calls }), say({ text: ["ok"] }));
    await talk.runTurn("go");
    expect(talk.ofType("call_ended").map(({ callId, outcome }) => [callId, outcome])).toEqual([
      ["call_1", "done"],
      ["call_2", "tool_error"],
    ]);
    const outputs = talk.modelServer.requests[1]?.input.filter(({ call_id: id, output }) => id && output);
    expect(outputs?.map(({ output }) => String(output))).toEqual([
      expect.stringContaining('{"n":1}'),
      expect.stringContaining("The printer is out of paper."),
    ]);
  });

  test.each<[string, Reply, string, string]>([
    ["401", refuse(401), "model_refused", "refused the API key"],
    ["404", refuse(404), "model_failed", "does not know the model"],
    ["an end before it is done", say({ text: ["Hel"], cut: "end" }), "model_failed", "was cut off"],
    ["a stream of nothing", sendRaw(""), "model_failed", "not as the Responses API does"],
    ["a stream of Chat Completions", sendRaw('data: {"choices":[]}\n\n'), "model_failed", "cannot be read"],
  ])("%s is one clear error", async (_, reply, code, said) => {
    await using talk = await startResponses(reply);
    const error = await failureOf(talk.runTurn("hi"));
    expect([error.code, talk.modelServer.requests.length]).toEqual([code as "model_failed", 1]);
    expect(error.message).toContain(said);
    expect(`${error.message}${error.hint}`).not.toContain(apiKey);
  });

  test.each([404, 200])("where it is not known (%p), the error names --api chat", async (status) => {
    await using talk = await startResponses(status === 404 ? refuse(404) : sendRaw(""));
    expect((await failureOf(talk.runTurn("hi"))).hint).toContain("--api chat");
  });

  test.each([429, 500, 503])("%p is tried again, visibly", async (status) => {
    const busy = refuse(status, { headers: { "retry-after-ms": "1" } });
    await using talk = await startResponses(busy, say({ text: ["Hello"] }));
    expect((await talk.runTurn("hi")).text).toBe("Hello");
    expect(talk.ofType("model_retry")).toMatchObject([{ attempt: 2, afterMs: 1 }]);
    expect(talk.ofType("model_retry")[0]?.message).toContain(`HTTP ${status}`);
  });

  test("without leave to show what the model thinks is asked without it, from then on", async () => {
    const refusal = refuse(400, { param: "reasoning.summary", code: "unsupported_value" });
    await using talk = await startResponses(refusal, say({ text: ["a"] }), say({ text: ["b"] }));
    expect((await talk.runTurn("hi")).text).toBe("a");
    expect((await talk.runTurn("hi")).text).toBe("b");
    const asked = talk.modelServer.requests.map(({ body }) => Reflect.get(body, "reasoning"));
    expect(asked).toEqual([{ summary: "auto" }, undefined, undefined]);
  });

  test("answers that were cut at the limit of tokens make no calls, and the next turn works", async () => {
    const calls = [{ name: "echo_tool", args: {}, id: "call_1" }];
    await using talk = await startResponses(say({ calls, finishReason: "length" }), say({ text: ["ok"] }));
    expect((await talk.runTurn("go")).outcome).toBe("done");
    expect(talk.ofType("call_started")).toEqual([]);
    expect((await talk.runTurn("go on")).text).toBe("ok");
  });

  test("an interrupt in the middle leaves a history that the API takes", async () => {
    const replies = [
      say({ reasoning: ["Hm."], text: ["The ", new Promise(() => {})] }),
      say({ text: ["ok"] }),
    ];
    await using talk = await startResponses(...replies);
    const caller = new AbortController();
    const turn = talk.runTurn("go", { signal: caller.signal });
    await talk.waitFor((event) => event.type === "text_delta");
    caller.abort();
    expect(await turn).toMatchObject({ outcome: "interrupted", text: "The " });
    expect((await talk.runTurn("next")).text).toBe("ok");
    expect(JSON.stringify(talk.modelServer.requests[1]?.input)).not.toContain("rs_1");
  });
});

describe("which API is spoken", () => {
  test.each([
    [undefined, undefined, "openai.responses"],
    ["https://api.openai.com/v1", undefined, "openai.responses"],
    ["http://localhost:11434/v1", undefined, "openai.chat"],
    ["https://name.openai.azure.com/openai/v1", undefined, "openai.chat"],
    [undefined, "chat", "openai.chat"],
    ["http://localhost:11434/v1", "responses", "openai.responses"],
  ] as const)("at %p with --api %p it is %s", (baseUrl, api, provider) => {
    expect(openModel({ model: "m", baseUrl, apiKey, api })).toMatchObject({ provider });
  });
});

test("Chat Completions of compatible servers show what the model thinks", async () => {
  const answer = say({ reasoning: ["Hm", "m."], text: ["Hello"], usage });
  await using talk = await startTalk([echoTool], [answer, say({ text: ["ok"] })]);
  const result = await talk.runTurn("hi");
  expect(result.usage).toEqual({
    inputTokens: 30,
    outputTokens: 20,
    cachedInputTokens: 12,
    reasoningTokens: 8,
  });
  expect(talk.events.slice(0, 5)).toEqual([
    { type: "reasoning_delta", text: "Hm" },
    { type: "reasoning_delta", text: "m." },
    { type: "reasoning_ended" },
    { type: "text_delta", text: "Hello" },
    { type: "text_ended" },
  ]);
  await talk.runTurn("next");
  expect(talk.modelServer.messages()[2]).toEqual({ role: "assistant", content: "Hello" });
});

test("the check of inputs finds what OpenAI refuses", () => {
  const call = { type: "function_call", call_id: "1" };
  const result = { type: "function_call_output", call_id: "1" };
  expect(findInputFault([call, result])).toBeUndefined();
  expect(findInputFault([call])).toBeDefined();
  expect(findInputFault([result])).toBeDefined();
});
