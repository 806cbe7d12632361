import { describe, expect, test } from "bun:test";
import { Server as ModernServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import { systemClock } from "../../lib/base/clock.ts";
import { silentLog } from "../../lib/base/log.ts";
import { builtInTools } from "../../lib/tools/built-in.ts";
import { defineTool } from "../../lib/tools/tool.ts";
import { createToolset, type Toolset } from "../../lib/tools/toolset.ts";
import type { Binders } from "../../lib/transport/server/binders.ts";
import { bindToolsetLegacy } from "../../lib/transport/server/legacy/bind-toolset.ts";
import { createMcpEndpoint } from "../../lib/transport/server/mcp-endpoint.ts";
import { bindToolsetModern } from "../../lib/transport/server/modern/bind-toolset.ts";
import { createPrincipal, startServer } from "./start-server.ts";

const json = { "content-type": "application/json", accept: "application/json, text/event-stream" };
const revision = "2026-07-28";
const tools = builtInTools({ reverseSeconds: 0 });

/** A request of revision 2026-07-28. */
function modern(method: string, params: Record<string, unknown> = {}, meta: Record<string, unknown> = {}) {
  const name = params["name"];
  return {
    method: "POST",
    headers: {
      ...json,
      "mcp-protocol-version": revision,
      "mcp-method": method,
      ...(typeof name === "string" ? { "mcp-name": name } : {}),
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method,
      params: {
        ...params,
        _meta: {
          "io.modelcontextprotocol/protocolVersion": revision,
          "io.modelcontextprotocol/clientCapabilities": {},
          ...meta,
        },
      },
    }),
  };
}

/** Opens a session of the older revisions and gives a way to send to it. */
async function openLegacy(url: string, headers: Record<string, string> = {}) {
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params });
  const opened = await fetch(url, { method: "POST", headers: { ...json, ...headers }, body });
  await opened.text();
  const session = { "mcp-session-id": opened.headers.get("mcp-session-id") ?? "" };
  return (message: Record<string, unknown>) =>
    fetch(url, {
      method: "POST",
      headers: { ...json, ...headers, ...session },
      body: JSON.stringify({ jsonrpc: "2.0", ...message }),
    });
}

/** A tool that answers who calls it. */
const whoCalls = defineTool({
  name: "who",
  title: "Who",
  description: "Answers who calls.",
  input: z.strictObject({}),
  output: z.strictObject({ who: z.string() }),
  run: (_, { principal }) => ({ who: principal?.subject ?? "nobody" }),
});

describe("a tool", () => {
  test.each([
    ["nobody", undefined],
    ["alice", [createPrincipal("alice")]],
  ] as const)("is called by %s in both eras", async (who, principals) => {
    await using server = startServer([whoCalls], principals);
    const authorization: Record<string, string> = principals ? { authorization: `Bearer ${who}` } : {};
    const request = modern("tools/call", { name: "who", arguments: {} });
    const response = await fetch(server.url, {
      ...request,
      headers: { ...request.headers, ...authorization },
    });
    expect(await response.text()).toContain(`"who":"${who}"`);
    const send = await openLegacy(server.url, authorization);
    const answer = await send({ id: 2, method: "tools/call", params: { name: "who", arguments: {} } });
    expect(await answer.text()).toContain(`"who":"${who}"`);
  });

  test("is called by whom the request's token names, not the session's first", async () => {
    const alice = createPrincipal("alice");
    const renewed = createPrincipal("alice-renewed", { key: alice.key });
    await using server = startServer([whoCalls], [alice, renewed]);
    const call = { id: 2, method: "tools/call", params: { name: "who", arguments: {} } };
    const headers = { authorization: "Bearer alice" };
    const send = await openLegacy(server.url, headers);
    headers.authorization = "Bearer alice-renewed";
    expect(await (await send(call)).text()).toContain('"who":"alice-renewed"');
  });

  test.each([
    ["the older revisions", bindToolsetLegacy],
    ["2026-07-28", bindToolsetModern],
  ] as const)("sends no result before its progress has left, in %s", async (_, bind) => {
    const toolset = createToolset(tools, { log: silentLog });
    const server = bind(toolset, { principal: undefined });
    const sent: unknown[] = [];
    const answered = Promise.withResolvers<void>();
    const transport = {
      onmessage: undefined as ((message: unknown) => void) | undefined,
      async start() {},
      async close() {},
      async send(message: { method?: string }) {
        // Progress takes its time.
        if (message.method) await new Promise<void>((resolve) => setImmediate(resolve));
        sent.push(message.method ?? "result");
        if (!message.method) answered.resolve();
      },
    };
    await server.connect(transport as never);
    const { body } = modern(
      "tools/call",
      { name: "reverse_tool", arguments: { query: "a" } },
      { progressToken: 1 },
    );
    transport.onmessage?.(JSON.parse(body));
    await answered.promise;
    expect(sent).toEqual([...Array.from({ length: 6 }, () => "notifications/progress"), "result"]);
    await server.close();
  });

  test("reports progress under the token 0, in both eras, and to nobody who did not ask", async () => {
    await using server = startServer(tools, undefined);
    const params = { name: "reverse_tool", arguments: { query: "abc" } };
    const asked = await fetch(server.url, modern("tools/call", params, { progressToken: 0 }));
    expect((await asked.text()).match(/"progressToken":0/g)).toHaveLength(6);
    const unasked = await fetch(server.url, modern("tools/call", params));
    expect(unasked.headers.get("content-type")).toStartWith("application/json");
    expect(await unasked.text()).not.toContain("progress");
    const send = await openLegacy(server.url);
    const call = { id: 2, method: "tools/call" };
    const told = await send({ ...call, params: { ...params, _meta: { progressToken: 0 } } });
    expect((await told.text()).match(/"progressToken":0/g)).toHaveLength(6);
    expect(await (await send({ ...call, id: 3, params })).text()).not.toContain("progressToken");
  });

  test("may be listed for a minute before a client asks again", async () => {
    await using server = startServer(tools, undefined);
    for (const method of ["tools/list", "server/discover"]) {
      const answer = (await (await fetch(server.url, modern(method))).json()) as { result: unknown };
      expect(answer.result).toMatchObject({ ttlMs: 60_000, cacheScope: "private" });
    }
  });

  test("list that fails unexpectedly tells nothing, in either era", async () => {
    const call = () => Promise.reject(new Error("password is hunter2"));
    const broken: Toolset = { list: () => [], call, callNow: call };
    await using server = startServer([], undefined, { toolset: broken });
    const params = { name: "any", arguments: {} };
    const answer = await (await fetch(server.url, modern("tools/call", params))).text();
    const send = await openLegacy(server.url);
    const older = await (await send({ id: 2, method: "tools/call", params })).text();
    for (const text of [answer, older]) {
      expect(text).toContain("-32603");
      expect(text).toContain("The server failed.");
      expect(text).not.toContain("hunter2");
    }
  });
});

describe("the endpoint", () => {
  test("names the methods that it takes", async () => {
    await using server = startServer(tools, undefined);
    const response = await fetch(server.url, { method: "PUT", body: "{}" });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST, GET, DELETE");
  });

  test.each(["GET", "DELETE"])("takes no %s in 2026-07-28", async (method) => {
    await using server = startServer(tools, undefined);
    const headers = { accept: "text/event-stream", "mcp-protocol-version": revision };
    const response = await fetch(server.url, { method, headers });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
  });

  test("says in the same words that a tool is unknown, in both eras", async () => {
    await using server = startServer(tools, undefined);
    const error = '"error":{"code":-32602,"message":"There is no tool \\"x\\"."}';
    const params = { name: "x", arguments: {} };
    expect(await (await fetch(server.url, modern("tools/call", params))).text()).toContain(error);
    const send = await openLegacy(server.url);
    expect(await (await send({ id: 2, method: "tools/call", params })).text()).toContain(error);
  });

  /** The endpoint without a server around it. */
  function createEndpoint(changes: Partial<Binders> = {}, offered = tools) {
    const toolset = createToolset(offered, { log: silentLog });
    const limits: number[] = [];
    const endpoint = createMcpEndpoint({
      binders: {
        modern: async () => bindToolsetModern.bind(undefined, toolset),
        legacy: async () => bindToolsetLegacy.bind(undefined, toolset),
        ...changes,
      },
      clock: systemClock,
      log: silentLog,
    });
    const handle = (init: RequestInit) =>
      endpoint.handle({
        request: new Request("http://localhost/mcp", init),
        principal: undefined,
        caller: "address 127.0.0.1",
        limitIdle: (seconds) => limits.push(seconds),
      });
    return { endpoint, handle, limits };
  }

  const never = new AbortController().signal;

  test("loads the SDKs when it is told to, and then never again", async () => {
    const loaded: string[] = [];
    const toolset = createToolset(tools, { log: silentLog });
    const { endpoint, handle } = createEndpoint({
      async modern() {
        loaded.push("modern");
        return bindToolsetModern.bind(undefined, toolset);
      },
      async legacy() {
        loaded.push("legacy");
        return bindToolsetLegacy.bind(undefined, toolset);
      },
    });
    expect(loaded).toEqual([]);
    await Promise.all([endpoint.warmUp(), endpoint.warmUp()]);
    await (await handle(modern("tools/list", {}))).text();
    expect(loaded).toEqual(["modern", "legacy"]);
    await endpoint.close();
  });

  test("counts a request that fails as ended", async () => {
    const { endpoint, handle, limits } = createEndpoint({
      legacy() {
        throw new Error("no room");
      },
    });
    const params = {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "t", version: "1" },
    };
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params });
    await expect(handle({ method: "POST", headers: json, body })).rejects.toThrow("no room");
    expect(limits).toEqual([0, 10]);
    await endpoint.drain(never);
    await endpoint.close();
  });

  test("ends the calls of both eras when it closes", async () => {
    const signals: AbortSignal[] = [];
    const started = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const tool = defineTool({
      name: "endless",
      title: "Endless",
      description: "Never ends.",
      input: z.strictObject({}),
      output: z.strictObject({}),
      run(_, { signal }) {
        started[signals.push(signal) - 1]?.resolve();
        return new Promise(() => {});
      },
    });
    const { endpoint, handle } = createEndpoint({}, [tool]);
    const call = { name: "endless", arguments: {} };
    const calling = handle(modern("tools/call", call)).catch(() => {});
    await started[0]?.promise;
    const params = {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "t", version: "1" },
    };
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params });
    const opened = await handle({ method: "POST", headers: json, body });
    const session = { "mcp-session-id": opened.headers.get("mcp-session-id") ?? "" };
    const older = JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/call", params: call });
    const streaming = await handle({ method: "POST", headers: { ...json, ...session }, body: older });
    await started[1]?.promise;
    await endpoint.close();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    await streaming.body?.cancel();
    await calling;
  });

  test("asks Bun for no idle limit while it works, and for one afterwards", async () => {
    const { endpoint, handle, limits } = createEndpoint();
    const params = { name: "reverse_tool", arguments: { query: "abc" } };
    await (await handle(modern("tools/call", params))).text();
    expect(limits.splice(0)).toEqual([0, 10]);
    const streamed = modern("tools/call", params, { progressToken: 1 });
    const response = await handle(streamed);
    expect(limits).toEqual([0]);
    await response.text();
    expect(limits.splice(0)).toEqual([0, 10]);
    await handle({ ...streamed, body: "{" }).catch(() => {});
    await handle({ method: "PUT" });
    expect(limits).toEqual([]);
    await endpoint.drain(never);
    await endpoint.close();
    await endpoint.close();
  });

  test("ends a listening stream of 2026-07-28 when it stops, and does not wait for it", async () => {
    const { endpoint, handle } = createEndpoint({
      modern: async () => () =>
        new ModernServer({ name: "t", version: "1" }, { capabilities: { tools: { listChanged: true } } }),
    });
    const wanted = { notifications: { toolsListChanged: true } };
    const listening = await handle(modern("subscriptions/listen", wanted));
    expect(listening.headers.get("content-type")).toStartWith("text/event-stream");
    const pieces = listening.body?.values() ?? [];
    let text = "";
    for await (const piece of pieces) {
      text += new TextDecoder().decode(piece);
      if (text.includes("notifications/subscriptions/acknowledged")) await endpoint.drain(never);
    }
    expect(text).toStartWith(":\n\n");
    await endpoint.close();
  });

  test("knows no subscriptions/listen in a session", async () => {
    await using server = startServer(tools, undefined);
    const send = await openLegacy(server.url);
    const answer = await send({ id: 2, method: "subscriptions/listen", params: { notifications: {} } });
    expect(await answer.text()).toContain('"code":-32601');
  });

  test("takes cancellations and no batch while it stops", async () => {
    const started = Promise.withResolvers<AbortSignal>();
    const tool = defineTool({
      name: "endless",
      title: "Endless",
      description: "Ends when it is cancelled.",
      input: z.strictObject({}),
      output: z.strictObject({}),
      run(_, { signal }) {
        started.resolve(signal);
        return new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        });
      },
    });
    await using server = startServer([tool], undefined);
    const send = await openLegacy(server.url);
    const calling = send({ id: 7, method: "tools/call", params: { name: "endless", arguments: {} } });
    const signal = await started.promise;
    const stopped = server.stop(new AbortController().signal);
    const batch = await fetch(server.url, { method: "POST", headers: json, body: "[]" });
    expect(batch.status).toBe(503);
    const cancelled = await send({ method: "notifications/cancelled", params: { requestId: 7 } });
    expect(cancelled.status).toBe(202);
    expect(signal.aborted).toBe(true);
    await (await calling).body?.cancel();
    await stopped;
  });

  test("can be forced to stop while a body is on its way", async () => {
    await using server = startServer(tools, undefined);
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port: Number(new URL(server.url).port),
      socket: { data() {} },
    });
    socket.write(
      "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
    );
    // The answer to a second connection says that the first has been seen.
    expect((await fetch(`${server.origin}/healthz`)).status).toBe(200);
    const force = new AbortController();
    const stopped = server.stop(force.signal);
    // Nothing listens any more: the server waits for the body alone.
    while (
      await fetch(`${server.origin}/healthz`, { keepalive: false }).then(
        () => true,
        () => false,
      )
    );
    force.abort();
    await stopped;
    socket.end();
  });
});
