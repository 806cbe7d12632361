import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { AppError, type ErrorCode } from "../../lib/base/errors.ts";
import { defineTool } from "../../lib/tools/tool.ts";
import type { CallResult, Connection } from "../../lib/transport/client/contract.ts";
import { failureOf } from "../transport-client/settled.ts";
import { say } from "./openai-server.ts";
import { startTalk } from "./talk.ts";

/** A connection with one tool, `it`, for what no server of the tests does. */
function connectionTo(callTool: Connection["callTool"]): Pick<Connection, "listTools" | "callTool"> {
  return { listTools: async () => [{ name: "it", inputSchema: { type: "object" } }], callTool };
}
const call = { name: "it", args: {}, id: "call_1" };

/** What the model gets to read about a call with this end. */
async function answerFor(callTool: Connection["callTool"]) {
  await using talk = await startTalk([], [say({ calls: [call] }), say({ text: ["ok"] })], {
    connection: connectionTo(callTool),
  });
  await talk.runTurn("go");
  const content = String(talk.modelServer.messages().at(-1)?.content);
  return { content, outcome: talk.ofType("call_ended")[0]?.outcome };
}
const answerForResult = (result: Partial<CallResult>) =>
  answerFor(async () => ({ content: [], isError: false, ...result }));
const text = (value: string) => ({ type: "text", text: value });

describe("a result", () => {
  const image = { type: "image", data: "AAAA", mimeType: "image/png" };
  const page = { type: "resource", resource: { uri: "file:///a", text: "page" } };
  const link = { type: "resource_link", uri: "file:///b", name: "b" };
  test.each([
    ["of texts is joined", { content: [text("a"), text("b")] }, "a\nb"],
    ["with structure only is JSON", { structuredContent: { a: [1] } }, '{"a":[1]}'],
    [
      "with a structure that a text repeats is that text",
      { content: [text('{ "b": 2, "a": 1 }')], structuredContent: { a: 1, b: 2 } },
      '{ "b": 2, "a": 1 }',
    ],
    [
      "with a structure that no text repeats is both",
      { content: [text("one")], structuredContent: { a: 1 } },
      'one\n{"a":1}',
    ],
    ["of nothing says so", {}, "(The tool gave no output.)"],
    [
      "of other things names them",
      { content: [image, page, link] },
      "[image image/png, not shown]\npage\n[link to file:///b]",
    ],
    ["with half a character is mended", { content: [text("a\uD83D")] }, "a\uFFFD"],
  ])("%s", async (_, result, expected) => {
    expect(await answerForResult(result)).toEqual({ content: expected, outcome: "done" });
  });

  test("that is an error reads as one", async () => {
    expect(await answerForResult({ content: [text("no paper")], isError: true })).toEqual({
      content: '{"error":"no paper"}',
      outcome: "tool_error",
    });
  });
});

describe("an error of a call", () => {
  test.each<ErrorCode>(["unknown_tool", "timeout", "connection_lost", "server_failed", "unreachable"])(
    "%s becomes an answer with the safe message, and the turn goes on",
    async (code) => {
      const { content, outcome } = await answerFor(async () => {
        throw new AppError(code, "It went wrong.", { hint: "Look there.", detail: "secret" });
      });
      expect([content, outcome]).toEqual(['{"error":"It went wrong. Look there."}', "failed"]);
    },
  );

  test("that is not ours tells nothing", async () => {
    const { content } = await answerFor(async () => {
      throw new Error("secret");
    });
    expect(content).toBe('{"error":"Something unexpected went wrong."}');
  });

  test("of a call that somebody else cancelled says that it may have run", async () => {
    const { content, outcome } = await answerFor(async () => {
      throw new AppError("interrupted", "Interrupted.");
    });
    expect(content).toContain("may have run");
    expect(outcome).toBe("cancelled");
  });

  test.each<ErrorCode>(["sign_in_required", "token_refused", "access_denied", "sign_in_expired"])(
    "%s ends the turn and the other calls; the history is valid",
    async (code) => {
      const calls = [call, { name: "it", args: { other: true }, id: "call_2" }];
      const otherStarted = Promise.withResolvers<void>();
      const connection = connectionTo(async (_, args, { signal } = {}) => {
        if (args["other"] !== true) {
          await otherStarted.promise;
          throw new AppError(code, "Sign in.");
        }
        otherStarted.resolve();
        return new Promise((_resolve, reject) =>
          signal?.addEventListener("abort", () => reject(new AppError("interrupted", "Interrupted."))),
        );
      });
      await using talk = await startTalk([], [say({ calls }), say({ text: ["ok"] })], { connection });
      const error = await failureOf(talk.runTurn("go"));
      expect([error.code, error.message]).toEqual([code, "Sign in."]);
      expect(talk.ofType("call_ended")).toEqual([
        { type: "call_ended", callId: "call_1", outcome: "failed", message: "Sign in." },
        { type: "call_ended", callId: "call_2", outcome: "cancelled" },
      ]);
      expect(talk.events.at(-1)).toMatchObject({ outcome: "failed" });
      expect((await talk.runTurn("again")).text).toBe("ok");
      expect(talk.modelServer.messages().slice(-3)).toMatchObject([
        { role: "tool", tool_call_id: "call_1", content: '{"error":"Sign in."}' },
        { role: "tool", tool_call_id: "call_2" },
        { role: "user", content: "again" },
      ]);
    },
  );
});

test("progress after the end of a call is dropped", async () => {
  let late = () => {};
  const connection = connectionTo(async (_, _args, { onProgress } = {}) => {
    onProgress?.({ progress: 1 });
    late = () => onProgress?.({ progress: 2 });
    return { content: [], isError: false };
  });
  await using talk = await startTalk([], [say({ calls: [call] }), say({ text: ["ok"] })], { connection });
  await talk.runTurn("go");
  late();
  expect(talk.ofType("call_progress")).toHaveLength(1);
});

describe("a model that is hostile, or confused,", () => {
  test("finds its arguments of too many levels refused", async () => {
    let made = 0;
    const connection = connectionTo(async () => {
      made += 1;
      return { content: [], isError: false };
    });
    const nested = (levels: number) => ({
      a: JSON.parse("[".repeat(levels) + "]".repeat(levels)) as unknown,
    });
    const calls = [3000, 65, 64].map((levels, at) => ({
      name: "it",
      args: nested(levels),
      id: `call_${at}`,
    }));
    await using talk = await startTalk([], [say({ calls }), say({ text: ["ok"] })], { connection });
    await talk.runTurn("go");
    expect(made).toBe(1);
    const refused = { type: "call_refused", tool: "it", reason: "invalid_arguments" } as const;
    expect(talk.ofType("call_refused")).toEqual([
      { ...refused, callId: "call_0" },
      { ...refused, callId: "call_1" },
    ]);
  });

  test("cannot spoil the history with the name of a tool", async () => {
    const bad = { name: `functions.it \u001B[2J${"x".repeat(100)}`, args: {}, id: "call_1" };
    await using talk = await startTalk([], [say({ calls: [bad] }), say({ text: ["ok"] })], {
      connection: connectionTo(async () => ({ content: [], isError: false })),
    });
    await talk.runTurn("go");
    expect(talk.ofType("call_refused")).toMatchObject([{ tool: bad.name, reason: "unknown_tool" }]);
    const [name = ""] = talk.modelServer
      .messages()
      .flatMap(({ tool_calls = [] }) => tool_calls.map((asked) => asked.function.name));
    expect(name).toMatch(/^functions_it_[A-Za-z0-9_-]{1,51}$/);
  });

  test.each([
    [-5, 0],
    [1.5, 2],
    [1e300, 1e9],
  ])("counts its tokens as %p: they are %p", async (count, expected) => {
    const usage = { input: count, output: count, cached: 3, reasoning: -1 };
    await using talk = await startTalk([], [say({ text: ["ok"], usage })], {
      connection: connectionTo(async () => ({ content: [], isError: false })),
    });
    const turn = await talk.runTurn("go");
    expect(turn.usage).toEqual({ inputTokens: expected, outputTokens: expected, cachedInputTokens: 3 });
  });
});

describe("tool names", () => {
  const named = (name: string) =>
    defineTool({
      name,
      title: name,
      description: "",
      input: z.looseObject({}),
      output: z.looseObject({}),
      run: () => ({ ran: name }),
    });

  test("that providers refuse are made safe and mapped back", async () => {
    const long = "x".repeat(90);
    const names = ["files.read", "files_read", long, `${long}y`, "__proto__", "plain-1_A"];
    await using talk = await startTalk(names.map(named), [say({ text: ["hi"] })]);
    await talk.runTurn("go");
    const offered = talk.modelServer.requests[0]?.body.tools?.map((tool) => tool.function.name) ?? [];
    expect(offered).toHaveLength(names.length);
    expect(new Set(offered).size).toBe(names.length);
    for (const name of offered) expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    expect([offered[1], offered[5]]).toEqual(["files_read", "plain-1_A"]);
    talk.modelServer.reply(
      say({ calls: offered.map((name, index) => ({ name, args: {}, id: `call_${index}` })) }),
      say({ text: ["ok"] }),
    );
    await talk.runTurn("all");
    expect(talk.ofType("call_started").map(({ tool }) => tool)).toEqual(names);
    expect(
      talk.modelServer
        .messages()
        .slice(-names.length)
        .map(({ content }) => content),
    ).toEqual(names.map((ran) => JSON.stringify({ ran })));
  });
});
