import { afterEach, describe, expect, test } from "bun:test";
import { inspect } from "node:util";
import type { AppError, ErrorCode } from "../../lib/base/errors.ts";
import { openModel } from "../../lib/agent/open-model.ts";
import { failureOf } from "../transport-client/settled.ts";
import { refuse, type Reply, say, sendRaw } from "./openai-server.ts";
import { echoTool } from "./stepping-tool.ts";
import { apiKey, startTalk } from "./talk.ts";

/** Stands in every prompt, so in every request body. */
const prompt = "prompt-5fe1";
/** Makes the SDK try again without waiting. */
const now = { "retry-after-ms": "1" };

const unhandled: unknown[] = [];
process.on("unhandledRejection", (thrown) => unhandled.push(thrown));
afterEach(() => expect(unhandled).toEqual([]));

/** One turn that fails. Nothing that comes of it may hold the key or the request. */
async function failTurn(...replies: Reply[]) {
  await using talk = await startTalk([echoTool], replies);
  const error = await failureOf(talk.runTurn(prompt));
  const said = inspect([error, error.cause, talk.events, talk.lines], { depth: 20, showHidden: true });
  expect(said).not.toContain(apiKey.slice(3, 12));
  expect(said).not.toContain(prompt);
  expect(talk.events.at(-1)).toMatchObject({ type: "turn_ended", outcome: "failed" });
  return { error, requests: talk.modelServer.requests.length, host: new URL(talk.modelServer.url).host };
}
const describeError = ({ code, message, hint }: AppError) => ({ code, message, hint });

describe("a refusal of the model's server", () => {
  test("401 is model_refused and names the server, not the key", async () => {
    const message = `Incorrect API key provided: ${apiKey.slice(0, 12)}***1706.`;
    const { error, requests, host } = await failTurn(refuse(401, { message }));
    expect(describeError(error)).toEqual({
      code: "model_refused",
      message: `"${host}" refused the API key (HTTP 401).`,
      hint: "Is OPENAI_API_KEY complete, still valid, and meant for this address?",
    });
    expect([requests, error.exitCode]).toEqual([1, 3]);
  });

  test("403 is model_refused and says why, without the key", async () => {
    const { error, host } = await failTurn(refuse(403, { message: `No test-model for "${apiKey}".` }));
    expect([error.code, error.message]).toEqual([
      "model_refused",
      `"${host}" does not allow the use of the model "test-model" (HTTP 403): "No test-model for \\"(key)\\".".`,
    ]);
  });

  test("429 is tried three times, then rate_limited with the time to wait", async () => {
    const limited = refuse(429, { headers: { ...now, "retry-after": "7" } });
    const { error, requests } = await failTurn(limited, limited, limited);
    expect([error.code, error.retryAfterSeconds, error.hint]).toEqual([
      "rate_limited",
      7,
      "Try again in 7 s.",
    ]);
    expect(requests).toBe(3);
  });

  test("429 with a long time to wait is not waited for", async () => {
    const { error, requests } = await failTurn(refuse(429, { headers: { "retry-after": "3600" } }));
    expect([error.code, error.retryAfterSeconds, requests]).toEqual(["rate_limited", 3600, 1]);
  });

  test("429 for a quota that is used up is not tried again", async () => {
    const { error, requests } = await failTurn(refuse(429, { headers: now, code: "insufficient_quota" }));
    expect([error.code, requests]).toEqual(["rate_limited", 1]);
    expect(error.message).toContain("quota");
  });

  test.each([
    [500, "model_failed", 3],
    [503, "model_failed", 3],
    [400, "model_failed", 1],
    [404, "model_failed", 1],
    [307, "model_failed", 1],
  ] as const)("%p is %s after %p requests", async (status, code, tries) => {
    const headers = { ...now, location: "http://127.0.0.1:9/v1" };
    const reply = refuse(status, { headers, message: "\u001B[31mBecause." });
    const { error, requests } = await failTurn(reply, reply, reply);
    expect([error.code, requests]).toEqual([code, tries]);
    expect(error.message).toContain(`(HTTP ${status}): "Because."`);
  });

  test("a try that succeeds is all that counts", async () => {
    await using talk = await startTalk([echoTool], [refuse(500, { headers: now }), say({ text: ["Hello"] })]);
    expect(await talk.runTurn("hi")).toMatchObject({ outcome: "done", text: "Hello" });
  });
});

describe("an answer that is broken", () => {
  const sse = (value: unknown) => `data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`;
  test.each<[string, Reply, ErrorCode, string]>([
    ["that ends before it is done", say({ text: ["Hel"], cut: "end" }), "model_failed", "was cut off"],
    ["of garbage", sendRaw(sse("{garbage")), "model_failed", "cannot be read"],
    ["of other JSON", sendRaw(sse({ hello: 1 })), "model_failed", "cannot be read"],
    ["of nothing", sendRaw(""), "model_failed", "nothing of an answer"],
    ["that is a web page", sendRaw("<html>", "text/html; charset=utf-8"), "model_failed", "web page"],
    [
      "that is not a stream",
      sendRaw('{"choices":[]}', "application/json"),
      "model_failed",
      "nothing of an answer",
    ],
    [
      "with an error in the stream",
      sendRaw(sse({ error: { message: `no ${apiKey}`, type: "invalid_request_error", code: null } })),
      "model_failed",
      '"no (key)"',
    ],
    ["withheld by a filter", say({ finishReason: "content_filter" }), "model_failed", "content filter"],
  ])("%s", async (_, reply, code, said) => {
    const { error, requests } = await failTurn(reply);
    expect([error.code, requests]).toEqual([code, 1]);
    expect(error.message).toContain(said);
  });

  test("before its first piece is asked for again", async () => {
    await using talk = await startTalk([echoTool], [say({ cut: "reset" }), say({ text: ["Hello"] })]);
    expect((await talk.runTurn("hi")).text).toBe("Hello");
  });

  test("is asked for three times, then unreachable", async () => {
    const { error, requests } = await failTurn(...Array.from({ length: 3 }, () => say({ cut: "reset" })));
    expect([error.code, requests]).toEqual(["unreachable", 3]);
  });

  test("is not asked for again once a piece has come, and makes no call that was only half there", async () => {
    const seen = Promise.withResolvers<void>();
    const calls = [{ name: "echo_tool", args: {} }];
    const half = say({ text: ["I call."], calls, pause: seen.promise, cut: "reset" });
    await using talk = await startTalk([echoTool], [half, say({ text: ["ok"] })]);
    const failed = failureOf(talk.runTurn("go"));
    await talk.waitFor((event) => event.type === "text_delta");
    seen.resolve();
    const error = await failed;
    expect([error.code, error.message]).toEqual([
      "model_failed",
      `The model's answer from "${new URL(talk.modelServer.url).host}" was cut off.`,
    ]);
    expect(talk.events.map(({ type }) => type)).toEqual(["text_delta", "text_ended", "turn_ended"]);
    expect(talk.modelServer.requests).toHaveLength(1);
    expect(talk.ofType("call_started")).toEqual([]);
    await talk.runTurn("go");
    expect(talk.modelServer.messages().slice(1)).toEqual([
      { role: "user", content: "go" },
      { role: "assistant", content: "I call." },
      { role: "user", content: "go" },
    ]);
  });

  test.each([
    ["before its first piece is asked for again", [], 2, "done"],
    ["after its first piece is not", ["Hel"], 1, "failed"],
  ] as const)("by an error of the provider %s", async (_, text, tries, outcome) => {
    const error = { message: "overloaded", type: "server_error", code: "server_error" };
    const broken = say({ text, noise: `data: ${JSON.stringify({ error })}\n\n` });
    await using talk = await startTalk([echoTool], [broken, say({ text: ["ok"] })]);
    await talk.runTurn("hi").catch(() => {});
    expect(talk.modelServer.requests).toHaveLength(tries);
    expect(talk.events.at(-1)).toMatchObject({ type: "turn_ended", outcome });
  });

  test.each([
    ["from its beginning", []],
    ["after a text", ["Hello"]],
  ])("of more than 32 MiB %s is not read to its end", async (_, text) => {
    const comment = `: ${"x".repeat(1_000_000)}\n\n`.repeat(34);
    const { error } = await failTurn(say({ text, noise: comment }));
    expect([error.code, error.message]).toEqual([
      "model_failed",
      "The model's answer is larger than 33554432 bytes.",
    ]);
  });
});

test("a prompt that failed before anything came can be given again without being there twice", async () => {
  await using talk = await startTalk([echoTool], [refuse(401), say({ text: ["ok"] })]);
  await failureOf(talk.runTurn("hi"));
  await talk.runTurn("hi");
  expect(talk.modelServer.messages().slice(1)).toEqual([{ role: "user", content: "hi" }]);
});

test("a failure in the second step keeps the first: its calls are not made again", async () => {
  const replies = [
    say({ calls: [{ name: "echo_tool", args: {}, id: "call_1" }] }),
    refuse(401),
    say({ text: ["ok"] }),
  ];
  await using talk = await startTalk([echoTool], replies);
  expect((await failureOf(talk.runTurn("go"))).code).toBe("model_refused");
  expect(talk.events.at(-1)).toMatchObject({ outcome: "failed", usage: { inputTokens: 11 } });
  await talk.runTurn("again");
  expect(talk.modelServer.messages().map(({ role }) => role)).toEqual([
    "system",
    "user",
    "assistant",
    "tool",
    "user",
  ]);
});

test("a server that does not listen is unreachable, at once", async () => {
  const gone = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const baseUrl = `http://127.0.0.1:${gone.port}/v1`;
  await gone.stop(true);
  await using talk = await startTalk([echoTool], [], { model: openModel({ model: "m", baseUrl, apiKey }) });
  const error = await failureOf(talk.runTurn("hi"));
  expect([error.code, error.exitCode]).toEqual(["unreachable", 4]);
  expect(error.message).toContain(String(gone.port));
});

test("a tool whose schema cannot be sent is no fault of the model's server", async () => {
  const connection = {
    listTools: async () => [
      { name: "it", inputSchema: { type: "object", propertyNames: { type: "number" } } },
    ],
    callTool: () => Promise.reject(new Error("not called")),
  };
  await using talk = await startTalk([], [], { connection });
  const error = await failureOf(talk.runTurn("hi"));
  expect([error.code, error.message]).toEqual([
    "model_failed",
    "One of the tools has a schema that cannot be sent to the model.",
  ]);
});
