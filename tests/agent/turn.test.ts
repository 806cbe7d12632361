import { describe, expect, test } from "bun:test";
import { guardModel } from "../../lib/agent/guard-model.ts";
import { RetryableError } from "../../lib/agent/retryable-error.ts";
import { AppError } from "../../lib/base/errors.ts";
import { failureOf, gate } from "../transport-client/settled.ts";
import { say } from "./openai-server.ts";
import { type AnswerPart, createModel, finish, streamParts } from "./part-model.ts";
import { echoTool } from "./stepping-tool.ts";
import { apiKey, startTalk } from "./talk.ts";

describe("events come in the order in which things happen", () => {
  const deltas = Array.from({ length: 50 }, (_, index): AnswerPart => ({
    type: "text-delta",
    id: "0",
    delta: `${index} `,
  }));
  const call: AnswerPart = { type: "tool-call", toolCallId: "1", toolName: "echo_tool", input: "{}" };
  test.each<[string, AnswerPart[]]>([
    ["when all of an answer comes at once", [...deltas, { type: "text-end", id: "0" }, call]],
    ["when a call comes before its text has ended", [...deltas, call, { type: "text-end", id: "0" }]],
  ])("%s", async (_, parts) => {
    const answers = [
      [{ type: "text-start", id: "0" } as const, ...parts, finish("tool-calls")],
      [finish("stop")],
    ];
    const model = createModel(async () => streamParts(answers.shift() ?? []));
    await using talk = await startTalk([echoTool], [], { model });
    await talk.runTurn("go");
    expect(talk.events.map(({ type }) => type)).toEqual([
      ...deltas.map(() => "text_delta" as const),
      "text_ended",
      "step_ended",
      "call_started",
      "call_ended",
      "step_ended",
      "turn_ended",
    ]);
  });

  test("also when a call takes a while to be cancelled", async () => {
    const started = gate();
    const released = gate();
    const answer = [
      { type: "tool-call", toolCallId: "1", toolName: "it", input: "{}" } as const,
      finish("tool-calls"),
    ];
    const connection = {
      listTools: async () => [{ name: "it", inputSchema: { type: "object" } }],
      callTool: async () => {
        started.open();
        await released.opened;
        throw new AppError("interrupted", "Interrupted.");
      },
    };
    const model = createModel(async () => streamParts(answer));
    await using talk = await startTalk([], [], { model, connection });
    const caller = new AbortController();
    const turn = talk.runTurn("go", { signal: caller.signal });
    await started.opened;
    caller.abort();
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(talk.events.map(({ type }) => type)).toEqual(["step_ended", "call_started"]);
    released.open();
    expect((await turn).outcome).toBe("interrupted");
    const kinds = talk.events.map(({ type }) => type);
    expect(kinds).toEqual(["step_ended", "call_started", "call_ended", "turn_ended"]);
  });
});

test("what a model throws because of an interrupt is no failure", async () => {
  const asked = gate();
  const model = createModel(({ abortSignal }) => {
    asked.open();
    return new Promise((_, reject) =>
      abortSignal?.addEventListener("abort", () => reject(new Error("socket"))),
    );
  });
  await using talk = await startTalk([echoTool], [], { model });
  const caller = new AbortController();
  const turn = talk.runTurn("go", { signal: caller.signal });
  await asked.opened;
  caller.abort();
  expect((await turn).outcome).toBe("interrupted");
});

test("an error in the stream that comes of an interrupt is no failure", async () => {
  const model = createModel(async ({ abortSignal }) => ({
    stream: new ReadableStream<AnswerPart>({
      start(controller) {
        controller.enqueue({ type: "text-start", id: "0" });
        controller.enqueue({ type: "text-delta", id: "0", delta: "Well" });
        abortSignal?.addEventListener("abort", () =>
          controller.enqueue({ type: "error", error: new Error("socket") }),
        );
      },
    }),
  }));
  await using talk = await startTalk([echoTool], [], { model });
  const caller = new AbortController();
  const turn = talk.runTurn("go", { signal: caller.signal });
  await talk.waitFor((event) => event.type === "text_delta");
  caller.abort();
  expect(await turn).toMatchObject({ outcome: "interrupted", text: "Well" });
});

test("an error that nobody foresaw tells its name only", async () => {
  const model = createModel(() => Promise.reject(new RangeError(`secret ${apiKey}`)));
  await using talk = await startTalk([echoTool], [], { model });
  const error = await failureOf(talk.runTurn("go"));
  expect([error.code, error.detail, error.cause]).toEqual(["unexpected", "RangeError", undefined]);
});

describe("a request that breaks before an answer", () => {
  const server = { baseUrl: new URL("http://127.0.0.1:9/v1"), model: "m", apiKey, api: "chat" } as const;
  test.each([
    ["ECONNRESET", "unreachable", 3],
    ["ConnectionRefused", "unreachable", 1],
    ["CERT_HAS_EXPIRED", "unreachable", 1],
    ["HPE_INVALID_CONSTANT", "model_failed", 1],
  ] as const)("with %s is %s after %p tries", async (code, expected, tries) => {
    let requests = 0;
    const model = createModel(() => {
      requests++;
      return Promise.reject(Object.assign(new Error(`secret ${apiKey}`), { code }));
    });
    await using talk = await startTalk([echoTool], [], { model: guardModel(model, server) });
    const error = await failureOf(talk.runTurn("go"));
    expect([error.code, requests]).toEqual([expected, tries]);
  });

  test("because it took too long is a timeout", async () => {
    const model = createModel(() => Promise.reject(new DOMException("late", "TimeoutError")));
    await using talk = await startTalk([echoTool], [], { model: guardModel(model, server) });
    expect((await failureOf(talk.runTurn("go"))).code).toBe("timeout");
  });
});

test("calls that a model's server gives one id are told apart, and the history is valid", async () => {
  const twin = (n: number) => ({ name: "echo_tool", args: { n }, id: "call_0" });
  const replies = [say({ calls: [twin(1), twin(2)] }), say({ calls: [twin(3)] }), say({ text: ["ok"] })];
  await using talk = await startTalk([echoTool], replies);
  expect((await talk.runTurn("go")).outcome).toBe("done");
  const ids = talk.ofType("call_ended").map(({ callId }) => callId);
  expect([ids[0], new Set(ids).size]).toEqual(["call_0", 3]);
  const results = talk.modelServer.messages().filter(({ role }) => role === "tool");
  expect(results.map((result) => result.tool_call_id)).toEqual(ids);
  expect(results.map(({ content }) => content)).toEqual(['{"n":1}', '{"n":2}', '{"n":3}']);
});

describe("an error that may pass", () => {
  const error: AnswerPart = {
    type: "error",
    error: new RetryableError(new AppError("model_failed", "Busy."), 1),
  };
  const text: AnswerPart[] = [
    { type: "text-start", id: "0" },
    { type: "text-delta", id: "0", delta: "Hel" },
  ];
  const reasoning: AnswerPart[] = [
    { type: "reasoning-start", id: "0" },
    { type: "reasoning-delta", id: "0", delta: "Hm" },
  ];
  const call: AnswerPart[] = [{ type: "tool-input-start", id: "1", toolName: "echo_tool" }];
  test.each([
    ["before anything came leads to three tries", [], 3],
    ["after a piece of text to one", text, 1],
    ["after a piece of reasoning to one", reasoning, 1],
    ["after the beginning of a call to one", call, 1],
  ])("%s", async (_, parts, tries) => {
    let requests = 0;
    const model = createModel(async () => {
      requests++;
      return streamParts([...parts, error]);
    });
    await using talk = await startTalk([echoTool], [], { model });
    expect((await failureOf(talk.runTurn("go"))).message).toBe("Busy.");
    expect(requests).toBe(tries);
    const retry = { type: "model_retry", afterMs: 1, message: "Busy." };
    const shown = tries === 3 ? [2, 3].map((attempt) => ({ ...retry, attempt })) : [];
    expect(talk.ofType("model_retry")).toEqual(shown as never);
  });
});
