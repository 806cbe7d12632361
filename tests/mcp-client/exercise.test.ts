import { describe, expect, test } from "bun:test";
import { findFailure, renderExercise } from "../../cmd/mcp-client/exercise-report.ts";
import { Exercise, type ExercisePlan } from "../../cmd/mcp-client/exercise-steps.ts";
import { AppError } from "../../lib/base/errors.ts";
import type { FullConnection, ToolDescription } from "../../lib/transport/client/connect.ts";

const inputSchema = { type: "object", properties: { a: { type: "integer" } }, required: ["a"] };
const reading: ToolDescription = { name: "reading", inputSchema, annotations: { readOnlyHint: true } };
const writing: ToolDescription = { name: "writing", inputSchema };

/** Everything is there and works; what was asked is remembered. */
function createConnection(changes: Partial<FullConnection> = {}) {
  const asked: unknown[] = [];
  const connection: FullConnection = {
    serverName: "test",
    serverVersion: "1",
    protocolVersion: "2026-07-28",
    capabilities: ["tools"],
    listTools: async () => [reading, writing],
    watchTools: () => {},
    callTool: async (name, args) => {
      asked.push([name, args]);
      return { content: [{ type: "text", text: "fine" }], isError: false };
    },
    listResources: async () => [{ uri: "test://a", name: "a" }],
    listResourceTemplates: async () => [{ uriTemplate: "test://{id}", name: "id" }],
    listPrompts: async () => [
      {
        name: "hello",
        arguments: [
          { name: "who", required: true },
          { name: "how", required: false },
        ],
      },
    ],
    readResource: async (uri) => {
      asked.push(uri);
      return [{ uri }];
    },
    getPrompt: async (name, args) => {
      asked.push([name, args]);
      const message = { role: "user", content: { type: "text", text: "hi" } };
      return { messages: [message, message] };
    },
    complete: async () => ({ values: [] }),
    ping: async () => "ping",
    close: async () => {},
    ...changes,
  };
  return { connection, asked };
}

async function exercise(connection: FullConnection, plan: Partial<ExercisePlan> = {}) {
  const { signal } = new AbortController();
  const walk = new Exercise(connection, { all: false, calls: [], signal, onStep: () => {}, ...plan });
  await walk.run();
  const { serverName: name, serverVersion: version, protocolVersion, capabilities } = connection;
  return { server: { name, version }, protocolVersion, capabilities, steps: walk.steps };
}

const stepsOf = ({ steps }: Awaited<ReturnType<typeof exercise>>) =>
  steps.map(({ kind, name, outcome }) => `${kind} ${name} ${outcome}`);

describe("an exercise", () => {
  test("lists everything, calls what only reads, reads resources, gets prompts with their required arguments", async () => {
    const { connection, asked } = createConnection();
    const report = await exercise(connection);
    expect(stepsOf(report)).toEqual([
      "list tools ok",
      "tool reading ok",
      "tool writing skipped",
      "list resources ok",
      "resource test://a ok",
      "list templates ok",
      "template test://{id} skipped",
      "list prompts ok",
      "prompt hello ok",
    ]);
    expect(asked).toEqual([["reading", { a: 1 }], "test://a", ["hello", { who: "text" }]]);
    expect(findFailure(report)).toBeUndefined();
    expect(renderExercise(report)).toEndWith("7 ok, 0 failed, 2 skipped\n");
  });

  test("calls every tool when it is told to", async () => {
    const { connection, asked } = createConnection();
    await exercise(connection, { all: true });
    expect(asked.slice(0, 2)).toEqual([
      ["reading", { a: 1 }],
      ["writing", { a: 1 }],
    ]);
  });

  test("makes the calls that somebody wrote down, also of a tool that may change things", async () => {
    const { connection, asked } = createConnection();
    const calls = [5, 6].map((a) => ({ name: "writing", arguments: { a } }));
    await exercise(connection, { calls });
    expect(asked.slice(1, 3)).toEqual([
      ["writing", { a: 5 }],
      ["writing", { a: 6 }],
    ]);
  });

  test("says which written call has no tool", async () => {
    const report = await exercise(createConnection().connection, {
      calls: [{ name: "gone", arguments: {} }],
    });
    expect(findFailure(report)).toMatchObject({ code: "unknown_tool", exitCode: 2 });
  });

  test("goes on after a tool that reports an error, and ends with exit code 5", async () => {
    const callTool = async () => ({ content: [{ type: "text", text: "\u001B[31mno" }], isError: true });
    const report = await exercise(createConnection({ callTool }).connection);
    expect(stepsOf(report)).toContain("prompt hello ok");
    expect(findFailure(report)).toMatchObject({ code: "tool_failed", exitCode: 5 });
    expect(renderExercise(report)).not.toContain("\u001B");
  });

  test.each([
    ["protocol_error", "protocol_error", 6],
    ["unknown_tool", "protocol_error", 6],
    ["timeout", "timeout", 7],
    ["connection_lost", "connection_lost", 4],
  ] as const)("goes on after %s, and ends with %s", async (thrown, code, exitCode) => {
    const failing = async () => Promise.reject(new AppError(thrown, "It went wrong."));
    const report = await exercise(createConnection({ callTool: failing, readResource: failing }).connection);
    expect(stepsOf(report)).toContain("prompt hello ok");
    expect(findFailure(report)).toMatchObject({ code, exitCode, message: "It went wrong." });
  });

  test.each(["unreachable", "interrupted", "rate_limited", "access_denied", "sign_in_required"] as const)(
    "ends at once with %s",
    async (code) => {
      const failing = async () => Promise.reject(new AppError(code, "Over."));
      const { connection, asked } = createConnection({ callTool: failing });
      expect(exercise(connection)).rejects.toMatchObject({ code });
      expect(asked).toEqual([]);
    },
  );
});
