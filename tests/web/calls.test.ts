import { once } from "node:events";
import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { type Log, silentLog } from "../../lib/base/log.ts";
import { defineTool } from "../../lib/tools/tool.ts";
import { defaultTransportLimits } from "../../lib/transport/server/limits.ts";
import { sendRaw } from "../transport-server/raw-socket.ts";
import {
  createWaitingTool,
  expectProblem,
  expectSafe,
  json,
  parseEvents,
  quick,
  startRest,
  stream,
  until,
} from "./rest-server.ts";

const limitsOf = (maxCalls: number, maxUnreadBytes = 1024 * 1024) => ({
  caller: { maxCalls, maxStreams: 9, maxUnreadBytes },
});

/** A server with a tool that waits, and ways to call it. */
function openWaiting(changes: Parameters<typeof startRest>[0] = {}) {
  const wait = createWaitingTool();
  const server = startRest({ ...changes, tools: [wait.tool, ...quick] });
  const call = (headers: Record<string, string> = json, signal: AbortSignal | null = null) =>
    fetch(`${server.origin}/api/tools/wait`, { method: "POST", headers, body: "{}", signal });
  const untilWaiting = (count: number) => until(() => wait.waiting.length >= count);
  return { ...wait, server, call, untilWaiting, [Symbol.asyncDispose]: server[Symbol.asyncDispose] };
}

/** Everything up to a pattern that comes over a bare connection. */
async function readUntil(socket: Awaited<ReturnType<typeof sendRaw>>, pattern: RegExp): Promise<string> {
  let text = "";
  while (!pattern.test(text)) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    text += String(chunk);
  }
  return text;
}

const rawCall = (path: string, body: string, accept: string) =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer alice\r\nContent-Type: application/json\r\n` +
  `Accept: ${accept}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

describe("a stream", () => {
  test("tells progress that grows, then the result, and ends", async () => {
    await using server = startRest();
    const init = { method: "POST", headers: stream, body: JSON.stringify({ query: "abc" }) };
    const response = await fetch(`${server.origin}/api/tools/reverse_tool`, init);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expectSafe(response);
    const events = parseEvents(await response.text());
    const progress = events
      .filter(({ event }) => event === "progress")
      .map(({ data }) => data as { progress: number });
    expect(progress.map((data) => data.progress)).toEqual(progress.map((data) => data.progress).toSorted());
    expect(progress.at(-1)).toEqual({
      progress: 5,
      total: 5,
      message: "3 of 3 characters reversed",
    } as never);
    expect(events.at(-1)).toEqual({
      event: "result",
      data: {
        content: [{ type: "text", text: '{"reversed_query":"cba"}' }],
        structuredContent: { reversed_query: "cba" },
      },
    });
    expect(events.filter(({ event }) => event !== "progress")).toHaveLength(1);
  });

  test("arrives while the tool runs", async () => {
    await using waiting = openWaiting();
    const response = await waiting.call(stream);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("progress")) text += (await reader?.read())?.value ?? "";
    expect(waiting.outcomes).toEqual([]);
    waiting.endAll();
    while (!text.includes("result")) text += (await reader?.read())?.value ?? "";
    expect(waiting.outcomes).toEqual(["done"]);
  });

  test("ends with the problem where the tool fails", async () => {
    const tool = defineTool({
      name: "probe",
      title: "Probe",
      description: "Probes.",
      input: z.strictObject({}),
      output: z.strictObject({}),
      timeLimitMs: 5,
      run: () => new Promise<never>(() => {}),
    });
    await using server = startRest({ tools: [tool] });
    const init = { method: "POST", headers: stream, body: "{}" };
    const response = await fetch(`${server.origin}/api/tools/probe`, init);
    expect(response.status).toBe(200);
    const events = parseEvents(await response.text());
    expect(events).toEqual([
      {
        event: "error",
        data: expect.objectContaining({ type: "about:blank", status: 504, code: "timeout" }),
      },
    ]);
  });

  test.each([
    ["unknown_tool", 404, "nothing", "{}"],
    ["invalid_arguments", 400, "random_number_tool", "{}"],
    ["invalid_arguments", 400, "random_number_tool", "[]"],
    ["invalid_json", 400, "random_number_tool", "{"],
  ])("does not begin where there is %s", async (code, status, name, body) => {
    await using server = startRest();
    const init = { method: "POST", headers: stream, body };
    await expectProblem(await fetch(`${server.origin}/api/tools/${name}`, init), status, code);
  });

  test("that nobody reads is cut, and its call cancelled", async () => {
    const ended = Promise.withResolvers<string>();
    const flood = defineTool({
      name: "flood",
      title: "Flood",
      description: "Floods.",
      input: z.strictObject({}),
      output: z.strictObject({}),
      async run(_, { signal, reportProgress }) {
        signal.addEventListener("abort", () => ended.resolve("cancelled"), { once: true });
        for (let progress = 1; progress <= 5; progress++) {
          reportProgress({ progress, message: "x".repeat(4 * 1024 * 1024) });
          await new Promise<void>((resolve) => setImmediate(resolve));
        }
        return new Promise<never>(() => {});
      },
    });
    await using server = startRest({ tools: [flood], limits: limitsOf(9, 1024) });
    const socket = await sendRaw(server.origin, rawCall("/api/tools/flood", "{}", "text/event-stream"));
    await readUntil(socket, /^HTTP/);
    socket.pause();
    expect(await ended.promise).toBe("cancelled");
    socket.destroy();
    // Sooner than the idle connection would be closed, which cancels the call, too.
  }, 8000);
});

describe("a caller who hangs up", () => {
  test.each([
    ["whole answer", json],
    ["stream", stream],
  ])("cancels the call that has a %s, and frees its place", async (_, headers) => {
    const failures: string[] = [];
    const log: Log = { ...silentLog, error: (line) => failures.push(line) };
    await using waiting = openWaiting({ limits: limitsOf(1), log });
    const hangUp = new AbortController();
    const call = waiting.call(headers, hangUp.signal).then((response) => response.text());
    await waiting.untilWaiting(1);
    hangUp.abort();
    await expect(call).rejects.toThrow();
    await until(() => waiting.outcomes.length === 1);
    expect(waiting.outcomes).toEqual(["cancelled"]);
    const askAgain = async () => {
      const init = { method: "POST", headers, body: '{"min":1,"max":1}' };
      const answer = await fetch(`${waiting.server.origin}/api/tools/random_number_tool`, init);
      await answer.text();
      return answer.status;
    };
    let status = await askAgain();
    while (status === 429) status = await askAgain();
    expect(status).toBe(200);
    expect(failures).toEqual([]);
  });
});

describe("the calls of one caller", () => {
  const modern = {
    ...json,
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": "tools/call",
    "mcp-name": "wait",
  };
  const message = JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: {
      name: "wait",
      arguments: {},
      _meta: {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
      },
    },
  });

  test("are bounded, over REST and MCP together, and those of others are not", async () => {
    await using waiting = openWaiting({ limits: limitsOf(2) });
    const mcp = fetch(waiting.server.url, { method: "POST", headers: modern, body: message });
    const rest = waiting.call();
    await waiting.untilWaiting(2);
    const refused = await waiting.call();
    expect(refused.headers.get("retry-after")).toBe("1");
    await expectProblem(refused, 429, "too_many_calls");
    await expectProblem(await waiting.call(stream), 429, "too_many_calls");
    const other = waiting.call({ ...json, authorization: "Bearer bob" });
    await waiting.untilWaiting(3);
    waiting.endAll();
    const statuses = await Promise.all([mcp, rest, other].map(async (answer) => (await answer).status));
    expect(statuses).toEqual([200, 200, 200]);
  });

  test("give their places back, however they end", async () => {
    await using server = startRest({ limits: limitsOf(1) });
    const bodies = ['{"min":1,"max":1}', '{"min":2,"max":1}', "{}", "[]"];
    for (const headers of [json, stream]) {
      for (const body of bodies) {
        const init = { method: "POST", headers, body };
        const response = await fetch(`${server.origin}/api/tools/random_number_tool`, init);
        await response.text();
        expect(response.status).not.toBe(429);
      }
    }
  });
});

describe("a body", () => {
  test("that comes too slowly is refused", async () => {
    const limits = { body: { ...defaultTransportLimits.body, deadlineMs: 100 } };
    await using server = startRest({ limits });
    const head = rawCall("/api/tools/reverse_tool", "x".repeat(100), "*/*").slice(0, -99);
    const socket = await sendRaw(server.origin, head);
    const answer = await readUntil(socket, /body_timeout/);
    expect(answer).toStartWith("HTTP/1.1 408 ");
    expect(answer.toLowerCase()).toContain("content-type: application/problem+json");
    socket.destroy();
  });
});

describe("a server that stops", () => {
  test.each([
    ["whole answers", json, '{"waited":true}'],
    ["streams", stream, "event: result"],
  ])("lets calls with %s finish, and begins no other", async (_, headers, expected) => {
    await using waiting = openWaiting();
    const call = waiting.call(headers);
    await waiting.untilWaiting(1);
    const force = new AbortController();
    const stopped = waiting.server.stop(force.signal);
    const refused = await waiting.call();
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    await expectProblem(refused, 503, "shutting_down");
    waiting.endAll();
    expect(await (await call).text()).toContain(expected);
    await stopped;
    expect(waiting.outcomes).toEqual(["done"]);
  });
});
