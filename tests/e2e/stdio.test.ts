import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { describe, expect, test } from "bun:test";
import { runProgram, startProgram } from "../harness/program.ts";
import { clientKinds, connectSdkOnStdio } from "../transport-server/sdk-clients.ts";

const binary = join(resolve(import.meta.dir, "../../dist"), "mcp-server");
const eras = ["2025-11-25", "2026-07-28"] as const;
type Era = (typeof eras)[number];

/** A message of an era, as its clients send it. */
function message(era: Era, method: string, params: Record<string, unknown> = {}, id?: number | string) {
  const { _meta, ...rest } = params;
  const envelope = {
    "io.modelcontextprotocol/protocolVersion": era,
    "io.modelcontextprotocol/clientCapabilities": {},
    ...(_meta as object | undefined),
  };
  const meta = era === "2026-07-28" ? envelope : _meta;
  return `${JSON.stringify({ jsonrpc: "2.0", id, method, params: { ...rest, _meta: meta } })}\n`;
}

/** What a client says first. */
function opening(era: Era): string {
  if (era === "2026-07-28") return message(era, "server/discover", {}, "open");
  const params = { protocolVersion: era, capabilities: {}, clientInfo: { name: "test", version: "1" } };
  return message(era, "initialize", params, "open") + message(era, "notifications/initialized");
}

const reverse = (era: Era, id: number | string, query = "abc") =>
  message(
    era,
    "tools/call",
    { name: "reverse_tool", arguments: { query }, _meta: { progressToken: `p${id}` } },
    id,
  );

function startStdio({ reverseSeconds = 0, logLevel = "debug" } = {}) {
  const args = ["--stdio", "--reverse-seconds", String(reverseSeconds), "--log-level", logLevel];
  return startProgram("mcp-server", { keepsStdin: true, args });
}

interface Frame {
  readonly id?: number | string;
  readonly method?: string;
  readonly error?: { readonly code: number; readonly data?: { readonly reason: string } };
  readonly result?: { readonly structuredContent?: unknown };
}

/** Every line of standard output, parsed: throws where one is not JSON. */
function framesOf(stdout: string): Frame[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Frame);
}

const answerTo = (stdout: string, id: number | string) => framesOf(stdout).find((frame) => frame.id === id);

describe("mcp-server --stdio", () => {
  test.each([...clientKinds])("serves %s: lists, calls with progress, cancels, closes", async (kind) => {
    const client = await connectSdkOnStdio(kind, binary, ["--stdio", "--reverse-seconds", "0.2"]);
    expect(await client.listTools()).toEqual(["reverse_tool", "random_number_tool"]);
    const progress: number[] = [];
    const onProgress = (value: number) => void progress.push(value);
    const result = await client.call("reverse_tool", { query: "abc" }, { onProgress });
    expect(result.structuredContent).toEqual({ reversed_query: "cba" });
    // The SDKs' clients drop progress that they read in one piece with the result; the next test counts the frames.
    expect([0, 1, 2, 3, 4, 5].slice(0, progress.length)).toEqual(progress);
    expect(progress.length).toBeGreaterThan(0);
    await expect(client.call("reverse_tol", {})).rejects.toMatchObject({ code: -32602 });
    const abort = new AbortController();
    const cancelled = client.call(
      "reverse_tool",
      { query: "abc" },
      { signal: abort.signal, onProgress: (value) => value === 1 && abort.abort() },
    );
    await expect(cancelled).rejects.toThrow();
    const random = await client.call("random_number_tool", { min: 7, max: 7 });
    expect(random.structuredContent).toEqual({ random_number: 7 });
    await client.close();
  });

  test.each([...eras])("prints frames on standard output and nothing else, %s", async (era) => {
    await using server = startStdio();
    server.write(`${opening(era)}nonsense\n${reverse(era, 1)}`);
    await server.waitForStdout(/"id":1\b/);
    server.endStdin();
    const { exitCode, stdout, stderr } = await server.finished;
    const frames = framesOf(stdout);
    expect(frames.filter(({ method }) => method === "notifications/progress")).toHaveLength(6);
    expect(answerTo(stdout, 1)?.result?.structuredContent).toEqual({ reversed_query: "cba" });
    expect(frames.every((frame) => "jsonrpc" in frame)).toBe(true);
    expect(stderr).toContain("serves on standard input and output");
    expect(exitCode).toBe(0);
  });

  test.each([...eras])("refuses what is no message and goes on, %s", async (era) => {
    await using server = startStdio();
    server.write(opening(era));
    await server.waitForStdout(/"id":"open"/);
    server.write('{"broken":\n');
    server.write(new Uint8Array([0x22, 0xff, 0x22, 0x0a]));
    server.write('\n\r\n"text"\n{"jsonrpc":"2.0","id":null,"method":"ping"}\n');
    server.write(`[${message(era, "tools/list", {}, "b").trim()}]\n`);
    server.write(reverse(era, "last"));
    await server.waitForStdout(/"id":"last"/);
    server.endStdin();
    const { stdout } = await server.finished;
    const errors = framesOf(stdout).filter(({ id, error }) => error && id === undefined);
    expect(errors.map(({ error }) => [error?.code, error?.data?.reason])).toEqual([
      [-32700, "invalid_json"],
      [-32700, "invalid_json"],
      [-32600, "invalid_request"],
      [-32600, "invalid_request"],
      [-32600, "batch_not_supported"],
    ]);
  });

  test.each([...eras])("takes lines of 1 MiB in pieces, refuses one above 4 MiB, %s", async (era) => {
    await using server = startStdio();
    server.write(opening(era));
    const large = (id: string, bytes: number) =>
      message(era, "tools/call", { name: "reverse_tool", arguments: { query: "x".repeat(bytes) } }, id);
    server.write(large("large", 1024 * 1024));
    // The tool itself takes 10,000 characters: its words say that it was reached.
    await server.waitForStdout(/"id":"large"|Invalid arguments for reverse_tool/);
    server.write(large("too large", 4 * 1024 * 1024));
    server.write(reverse(era, "after"));
    await server.waitForStdout(/"id":"after"/);
    server.endStdin();
    const { stdout } = await server.finished;
    expect(JSON.stringify(answerTo(stdout, "large"))).toContain("Invalid arguments for reverse_tool");
    expect(answerTo(stdout, "too large")).toBeUndefined();
    expect(framesOf(stdout).find(({ error }) => error?.data?.reason === "body_too_large")).toBeDefined();
  });

  test.each([...eras])("lets running calls finish when its input ends, %s", async (era) => {
    const args = ["--stdio", "--reverse-seconds", "0.5"];
    const stdin = opening(era) + reverse(era, 1) + reverse(era, 2).trimEnd();
    const { exitCode, stdout } = await runProgram("mcp-server", { args, stdin });
    expect(exitCode).toBe(0);
    for (const id of [1, 2]) {
      expect(answerTo(stdout, id)?.result?.structuredContent).toEqual({ reversed_query: "cba" });
    }
  });

  test.each(["SIGTERM", "SIGINT"] as const)(
    "lets them finish after %s, and takes no new ones",
    async (signal) => {
      await using server = startStdio({ reverseSeconds: 1 });
      server.write(opening("2026-07-28") + reverse("2026-07-28", 1));
      await server.waitForStdout(/"progress":1/);
      server.kill(signal);
      await server.waitForStderr(/Stopping/);
      server.write(reverse("2026-07-28", 2));
      const { exitCode, stdout } = await server.finished;
      expect(exitCode).toBe(0);
      expect(answerTo(stdout, 1)?.result?.structuredContent).toEqual({ reversed_query: "cba" });
      expect(answerTo(stdout, 2)?.error).toMatchObject({ code: -32603, data: { reason: "shutting_down" } });
    },
  );

  test("stops at once at a signal after its input has ended, with 130", async () => {
    await using server = startStdio({ reverseSeconds: 60 });
    server.write(opening("2026-07-28") + reverse("2026-07-28", 1));
    await server.waitForStdout(/"progress":0/);
    server.endStdin();
    // The end of the input and the signal come by different ways: only after this answer the first has come too.
    await server.waitForStderr(/Standard input has ended/);
    server.kill("SIGTERM");
    expect((await server.finished).exitCode).toBe(130);
  });

  test.each([...eras])("does not answer a call that was cancelled, and ends without it, %s", async (era) => {
    await using server = startStdio({ reverseSeconds: 60 });
    server.write(opening(era) + reverse(era, 7));
    await server.waitForStdout(/"progress":0/);
    server.write(message(era, "notifications/cancelled", { requestId: 7 }));
    server.endStdin();
    const { exitCode, stdout } = await server.finished;
    expect(exitCode).toBe(0);
    expect(answerTo(stdout, 7)).toBeUndefined();
  });

  test("ends by itself when the host reads no more", async () => {
    const child = spawn(binary, ["--stdio", "--reverse-seconds", "60"], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    child.stdin.write(opening("2026-07-28"));
    await once(child.stdout, "data");
    child.stdout.destroy();
    child.stdin.write(reverse("2026-07-28", 1));
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  test("can be forced to stop while the host does not read", async () => {
    const args = ["--stdio", "--reverse-seconds", "60"];
    const child = spawn(binary, args, { stdio: ["pipe", "pipe", "pipe"] });
    child.stdin.on("error", () => {});
    let said = "";
    const waitFor = async (text: string) => {
      while (!said.includes(text)) said += String((await once(child.stderr, "data"))[0]);
    };
    await waitFor("serves on");
    child.stdin.write(opening("2025-11-25"));
    // One call is running, and the answers to the others are more than a pipe holds.
    child.stdin.write(reverse("2025-11-25", "slow"));
    for (let id = 0; id < 3000; id++) child.stdin.write(message("2025-11-25", "tools/list", {}, id));
    await once(child.stdout, "readable");
    child.kill("SIGTERM");
    await waitFor("Stopping");
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([130, null]);
  });
});

describe("mcp-server --stdio and other settings", () => {
  test.each<[string, ...string[]]>([
    ["--port", "1"],
    ["--host", "127.0.0.1"],
    ["--public-url", "https://a.b/mcp"],
    ["--allowed-hosts", "a.b"],
    ["--tenant-id", "contoso.com"],
    ["--required-scopes", "execute"],
    ["--no-auth"],
    ["--dev"],
  ])("refuses %s, which would be given in vain", async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await runProgram("mcp-server", { args: ["--stdio", ...args] });
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(`${args[0]} says nothing with --stdio`);
  });

  test("takes no notice of variables that are for HTTP", async () => {
    const env = { MCP_PORT: "1", ENTRA_TENANT_ID: "contoso.com", MCP_REVERSE_SECONDS: "0" };
    const stdin = opening("2025-11-25") + reverse("2025-11-25", 1);
    const { exitCode, stdout } = await runProgram("mcp-server", { args: ["--stdio"], env, stdin });
    expect(exitCode).toBe(0);
    expect(answerTo(stdout, 1)?.result?.structuredContent).toEqual({ reversed_query: "cba" });
  });
});
