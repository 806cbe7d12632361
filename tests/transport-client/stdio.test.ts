import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { resolve } from "node:path";
import { connectCommand } from "../../lib/transport/client/connect-command.ts";
import type { ProgressUpdate } from "../../lib/base/events.ts";
import { failureOf } from "./settled.ts";

setDefaultTimeout(30_000);

const script = resolve(import.meta.dir, "../harness/stdio-server.ts");

function open(kind: string, more: { idleTimeoutMs?: number; environment?: Record<string, string> } = {}) {
  const lines: string[] = [];
  const { environment, ...limits } = more;
  const server = { command: process.execPath, args: [script, kind], environment };
  const connection = connectCommand({ server, onStderr: (line) => lines.push(line), ...limits });
  return { connection, lines };
}

describe.each([
  ["both", "2026-07-28"],
  ["legacy", "2025-11-25"],
  ["dies", "2025-11-25"],
])("a command that is a server (%s)", (kind, revision) => {
  test("offers what it offers over HTTP", async () => {
    const connection = await open(kind).connection;
    expect(connection.protocolVersion).toBe(revision);
    expect((await connection.listTools()).map(({ name }) => name)).toContain("order");
    expect((await connection.callTool("order", { id: "1" })).content).toEqual([
      { type: "text", text: '{"id":"1"}' },
    ]);
    expect(await connection.ping()).toBe(revision === "2026-07-28" ? "server/discover" : "ping");
    expect((await failureOf(connection.callTool("ordr", {}))).code).toBe("unknown_tool");
    expect((await failureOf(connection.readResource("test://txt"))).code).toBe("unknown_resource");
    await connection.close();
  });

  test("reports progress, which keeps the call alive", async () => {
    const connection = await open(kind, { idleTimeoutMs: 2500 }).connection;
    const updates: ProgressUpdate[] = [];
    await connection.callTool("chatty", {}, { onProgress: (update) => updates.push(update) });
    expect(updates).toHaveLength(10);
    await connection.close();
  });

  test("hears of the end of a call that shows no sign of life", async () => {
    const { connection: opening, lines } = open(kind, { idleTimeoutMs: 1500 });
    const connection = await opening;
    const error = await failureOf(connection.callTool("silent", {}));
    expect([error.code, error.exitCode]).toEqual(["timeout", 7]);
    await connection.close();
    expect(lines).toContain("silent cancelled");
    expect(lines).toContain("has got the end of its input");
  });
});

test("progress that comes in one piece with its result is not lost", async () => {
  const connection = await open("gathers").connection;
  const updates: ProgressUpdate[] = [];
  await connection.callTool("chatty", {}, { onProgress: (update) => updates.push(update) });
  expect(updates).toHaveLength(10);
  await connection.close();
});

test("a command gets only the environment that is meant for it", async () => {
  const { connection, lines } = open("both", { environment: { MEANT: "1" } });
  await (await connection).close();
  const [, names = ""] = / knows (.*)/.exec(lines[0] ?? "") ?? [];
  const allowed = ["HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER", "MEANT"];
  expect(names.split(" ")).toContain("MEANT");
  expect(names.split(" ").filter((name) => !allowed.includes(name) && !name.startsWith("BUN"))).toEqual([]);
});

test("a command that clings to life is ended", async () => {
  const { connection, lines } = open("clings");
  await (await connection).close();
  expect(lines).toContain("has got SIGTERM");
});

test("a command that ends at once is not MCP, one that is missing cannot be started", async () => {
  const { connection, lines } = open("ends");
  const error = await failureOf(connection);
  expect([error.code, error.exitCode]).toEqual(["not_mcp", 6]);
  expect(lines.length).toBeGreaterThan(0);
  const server = { command: "no-such-command-anywhere", args: [] };
  const missing = await failureOf(connectCommand({ server, onStderr: () => {} }));
  expect([missing.code, missing.message]).toEqual([
    "unreachable",
    'The server "no-such-command-anywhere" cannot be started: there is no such command.',
  ]);
});

test("the log of a command is read line by line, and no line without end is kept", async () => {
  const say = `process.stderr.write("one\\r\\n" + "x".repeat(1e6) + "\\n" + "y".repeat(5000) + "\\nlast")`;
  const lines: string[] = [];
  const server = { command: process.execPath, args: ["-e", say] };
  await failureOf(connectCommand({ server, onStderr: (line) => lines.push(line) }));
  const once = ["one", "(a line that is too long to be shown)", "y".repeat(4096), "last"];
  expect(lines).toEqual([...once, ...once]);
});
