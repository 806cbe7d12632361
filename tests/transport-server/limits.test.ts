import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { type Log, silentLog } from "../../lib/base/log.ts";
import { builtInTools } from "../../lib/tools/built-in.ts";
import { defineTool } from "../../lib/tools/tool.ts";
import { createPrincipal, type ServerChanges, startServer } from "./start-server.ts";

const eras = ["2025-11-25", "2026-07-28"] as const;
type Era = (typeof eras)[number];

const callers = [createPrincipal("alice"), createPrincipal("bob")];
const quick = builtInTools({ reverseSeconds: 0 });
const none = { perSecond: 0, burst: 1 };

/** A tool that waits until it is told to end. */
function createWaitingTool() {
  const waiting: (() => void)[] = [];
  const tool = defineTool({
    name: "wait",
    title: "Wait",
    description: "Waits.",
    input: z.strictObject({}),
    output: z.strictObject({}),
    async run(_, { signal }) {
      await new Promise<void>((resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        waiting.push(resolve);
      });
      return {};
    },
  });
  const endAll = () => {
    for (const end of waiting.splice(0)) end();
  };
  return { tool, waiting, endAll };
}

function headersOf(era: Era, token: string | undefined, more: Record<string, string> = {}) {
  return {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(era === "2026-07-28" ? { "mcp-protocol-version": era } : {}),
    ...more,
  };
}

interface Rpc {
  readonly era: Era;
  readonly method: string;
  readonly params?: object;
  readonly id?: string | number | null;
  readonly token?: string | undefined;
  readonly session?: string;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

function send(url: string, rpc: Rpc): Promise<Response> {
  const { era, method, params = {}, id = 1, session, signal } = rpc;
  const token = "token" in rpc ? rpc.token : "alice";
  const isModern = era === "2026-07-28";
  const name = "name" in params ? { "mcp-name": String(params.name) } : {};
  const meta = {
    "io.modelcontextprotocol/protocolVersion": era,
    "io.modelcontextprotocol/clientInfo": { name: "t", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const own = isModern ? { "mcp-method": method, ...name } : {};
  const headers = headersOf(era, token, {
    ...own,
    ...(session ? { "mcp-session-id": session } : {}),
    ...rpc.headers,
  });
  const body = JSON.stringify({
    jsonrpc: "2.0",
    ...(id === null ? {} : { id }),
    method,
    params: isModern ? { ...params, _meta: meta } : params,
  });
  return fetch(url, { method: "POST", headers, body, ...(signal ? { signal } : {}) });
}

async function openSession(url: string, token: string | undefined = "alice"): Promise<string> {
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } };
  const response = await send(url, { era: "2025-11-25", method: "initialize", params, token });
  await response.text();
  return response.headers.get("mcp-session-id") ?? "";
}

async function expectRefusal(response: Response, status: number, reason: string): Promise<void> {
  expect(await response.json()).toMatchObject({ error: { data: { reason } } });
  expect(response.status).toBe(status);
}

const call = { method: "tools/call", params: { name: "wait", arguments: {} } };

/** A server with the waiting tool, and a way to call it in one era. */
async function openWaiting(era: Era, changes: ServerChanges = {}) {
  const wait = createWaitingTool();
  const server = startServer([wait.tool], callers, changes);
  const sessions = new Map<string, string>();
  let nextId = 100;
  async function start(token = "alice", rpc: Partial<Rpc> = {}): Promise<Response> {
    if (era === "2025-11-25" && !sessions.has(token))
      sessions.set(token, await openSession(server.url, token));
    const session = sessions.get(token);
    return send(server.url, { era, id: nextId++, token, ...call, ...(session ? { session } : {}), ...rpc });
  }
  const resume = (eventId: string) => {
    const more = { "mcp-session-id": sessions.get("alice") ?? "", "last-event-id": eventId };
    return fetch(server.url, { headers: headersOf(era, "alice", more) });
  };
  /** Resolves when so many calls wait in the tool. */
  async function untilWaiting(count: number): Promise<void> {
    while (wait.waiting.length < count) await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return { ...wait, server, start, resume, untilWaiting, [Symbol.asyncDispose]: server[Symbol.asyncDispose] };
}

describe("requests of one address", () => {
  const limits = { addressRate: { perSecond: 0.01, burst: 3 } };

  test("are refused beyond the limit before their token is looked at, and health never is", async () => {
    let verified = 0;
    const verifier = {
      async verify() {
        verified++;
        return createPrincipal("alice");
      },
      isReady: () => true,
      async warmUp() {},
      issuers: () => [],
    };
    const openRoutes = (_: Request, path: string) => (path === "/open" ? new Response("open") : undefined);
    await using server = startServer(quick, callers, { limits, verifier, openRoutes });
    for (let count = 0; count < 3; count++) await (await fetch(`${server.origin}/open`)).text();
    const refused = await send(server.url, { era: "2025-11-25", method: "ping" });
    expect(refused.headers.get("retry-after")).toBe("100");
    await expectRefusal(refused, 429, "rate_limited");
    await expectRefusal(await fetch(`${server.origin}/open`), 429, "rate_limited");
    expect(verified).toBe(0);
    expect((await fetch(`${server.origin}/healthz`)).status).toBe(200);
  });

  test("under a foreign host name do not count", async () => {
    await using server = startServer(quick, callers, { limits });
    for (let count = 0; count < 5; count++) {
      await expectRefusal(
        await fetch(server.url, { headers: { host: "evil.example" } }),
        403,
        "forbidden_host",
      );
    }
    await expectRefusal(await fetch(`${server.origin}/none`), 404, "not_found");
  });

  test("are told apart behind a trusted proxy, and only there", async () => {
    const of = (server: { origin: string }, address: string) =>
      fetch(`${server.origin}/none`, { headers: { "x-forwarded-for": address } });
    await using trusting = startServer(quick, callers, { limits, trustedProxies: ["127.0.0.0/8"] });
    await using other = startServer(quick, callers, { limits });
    const statuses = { trusting: [] as number[], other: [] as number[] };
    for (let count = 0; count < 5; count++) {
      statuses.trusting.push((await of(trusting, `198.51.100.${count}`)).status);
      statuses.other.push((await of(other, `198.51.100.${count}`)).status);
    }
    expect(statuses).toEqual({ trusting: [404, 404, 404, 404, 404], other: [404, 404, 404, 429, 429] });
  });

  test("are named to the operator once, with the proxy that forwards them", async () => {
    const warnings: string[] = [];
    const log: Log = { ...silentLog, warn: (line) => warnings.push(line) };
    await using server = startServer(quick, callers, { limits, log });
    for (let count = 0; count < 9; count++) {
      await fetch(`${server.origin}/none`, { headers: { "x-forwarded-for": "198.51.100.1" } });
    }
    expect(warnings).toEqual([
      "Too many requests from 127.0.0.1 (--address-rate). It forwards for others: a proxy of yours belongs in --trusted-proxies.",
    ]);
  });
});

describe.each([...eras])("in revision %s", (era) => {
  test("requests of one caller are refused beyond the limit, and another's are not", async () => {
    const limits = { callerRate: { perSecond: 0.01, burst: 3 } };
    await using server = startServer(quick, callers, { limits });
    const ask = (token: string) => send(server.url, { era, method: "tools/list", token });
    for (let count = 0; count < 3; count++) await (await ask("alice")).text();
    const refused = await ask("alice");
    expect(refused.headers.get("retry-after")).toBe("100");
    await expectRefusal(refused, 429, "rate_limited");
    expect((await ask("bob")).status).not.toBe(429);
  });

  test("requests without tokens count by address", async () => {
    const limits = { callerRate: { perSecond: 0.01, burst: 1 }, addressRate: none };
    await using server = startServer(quick, undefined, { limits, trustedProxies: ["127.0.0.1"] });
    const ask = (address: string) =>
      send(server.url, {
        era,
        method: "tools/list",
        token: undefined,
        headers: { "x-forwarded-for": address },
      });
    await (await ask("198.51.100.1")).text();
    await expectRefusal(await ask("198.51.100.1"), 429, "rate_limited");
    expect((await ask("198.51.100.2")).status).not.toBe(429);
  });

  test("a caller has so many calls running at a time, and another's do not count", async () => {
    const caller = { maxCalls: 2, maxStreams: 9, maxUnreadBytes: 1024 };
    await using open = await openWaiting(era, { limits: { caller } });
    const running = [open.start(), open.start()];
    await open.untilWaiting(2);
    const refused = await open.start("alice", { id: "third" });
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(await refused.json()).toMatchObject({
      id: "third",
      error: { data: { reason: "too_many_calls" } },
    });
    expect(refused.status).toBe(429);
    const others = open.start("bob");
    await open.untilWaiting(3);
    open.endAll();
    for (const response of [...running, others]) expect(await (await response).text()).toContain("result");
    const again = open.start();
    await open.untilWaiting(1);
    open.endAll();
    expect((await again).status).toBe(200);
  });

  test.each([
    ["a request id", { id: "x".repeat(257) }],
    ["a progress token", { params: { ...call.params, _meta: { progressToken: "x".repeat(257) } }, id: 1 }],
  ])("%s of 257 characters is refused", async (_, rpc) => {
    if (era === "2026-07-28" && rpc.id === 1) return;
    await using open = await openWaiting(era);
    await expectRefusal(await open.start("alice", rpc), 400, "invalid_request");
  });

  test("a body of a million elements or levels is refused", async () => {
    await using server = startServer(quick, callers);
    for (const value of ["1,".repeat(1_000_000), "[".repeat(1_000_000), "{},".repeat(1_000_000)]) {
      const body = `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":[${value}`;
      const response = await fetch(server.url, { method: "POST", headers: headersOf(era, "alice"), body });
      await expectRefusal(response, 413, "body_too_complex");
    }
  });
});

describe("sessions", () => {
  test("that are opened at the same time are no more than one caller may have", async () => {
    const sessions = { idleMs: 60_000, maxAgeMs: 60_000, maxPerCaller: 4, max: 99 };
    await using server = startServer(quick, callers, { limits: { sessions } });
    const ids = await Promise.all(Array.from({ length: 12 }, () => openSession(server.url)));
    const pings = ids.map((session) => send(server.url, { era: "2025-11-25", method: "ping", session }));
    const statuses = (await Promise.all(pings)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(4);
  });

  test("in which calls run or streams are open are kept, and one more is refused", async () => {
    const sessions = { idleMs: 60_000, maxAgeMs: 60_000, maxPerCaller: 2, max: 99 };
    await using open = await openWaiting("2025-11-25", { limits: { sessions } });
    const running = open.start();
    await open.untilWaiting(1);
    const listening = await openSession(open.server.url);
    const stream = await fetch(open.server.url, {
      headers: headersOf("2025-11-25", "alice", { "mcp-session-id": listening }),
    });
    expect(stream.status).toBe(200);
    const params = {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "t", version: "1" },
    };
    const refused = await send(open.server.url, { era: "2025-11-25", method: "initialize", params });
    expect(refused.headers.get("retry-after")).toBe("5");
    await expectRefusal(refused, 429, "too_many_sessions");
    await stream.body?.cancel();
    open.endAll();
    expect(await (await running).text()).toContain("result");
    expect(await openSession(open.server.url)).not.toBe("");
  });
});

describe("listening streams", () => {
  test("are so many for each caller, in both eras together", async () => {
    const caller = { maxCalls: 9, maxStreams: 1, maxUnreadBytes: 1024 };
    await using server = startServer(quick, callers, { limits: { caller } });
    const session = await openSession(server.url);
    const get = () =>
      fetch(server.url, { headers: headersOf("2025-11-25", "alice", { "mcp-session-id": session }) });
    const first = await get();
    expect(first.status).toBe(200);
    const params = { notifications: {} };
    const listen = await send(server.url, { era: "2026-07-28", method: "subscriptions/listen", params });
    expect(listen.headers.get("retry-after")).toBe("1");
    await expectRefusal(listen, 429, "too_many_streams");
    await first.body?.cancel();
    let next = await get();
    while (next.status !== 200) {
      await next.text();
      next = await get();
    }
    await next.body?.cancel();
  });
});

describe("requests of one session", () => {
  const era = "2025-11-25";

  test("may not use an id again before its answer, and may afterwards", async () => {
    await using open = await openWaiting(era);
    const first = open.start("alice", { id: 7 });
    await open.untilWaiting(1);
    const second = await open.start("alice", { id: 7 });
    expect(await second.json()).toMatchObject({ id: 7, error: { data: { reason: "invalid_request" } } });
    expect(second.status).toBe(400);
    const other = open.start("alice", { id: "7" });
    await open.untilWaiting(2);
    open.endAll();
    expect(await (await first).text()).toContain('"id":7');
    expect(await (await other).text()).toContain('"id":"7"');
    const again = open.start("alice", { id: 7 });
    await open.untilWaiting(1);
    open.endAll();
    expect((await again).status).toBe(200);
  });

  test("that are cancelled give back their place and their id, and their stream ends without an answer", async () => {
    const caller = { maxCalls: 1, maxStreams: 9, maxUnreadBytes: 1024 };
    await using open = await openWaiting(era, { limits: { caller } });
    for (let round = 1; round <= 3; round++) {
      const running = open.start("alice", { id: 7, headers: { "mcp-protocol-version": era } });
      await open.untilWaiting(round);
      const params = { requestId: 7 };
      const cancelled = await open.start("alice", { id: null, method: "notifications/cancelled", params });
      expect(cancelled.status).toBe(202);
      const text = await (await running).text();
      expect(text).not.toContain('"id":7');
      const [eventId = ""] = [...text.matchAll(/^id: (\S+)$/gm)].map(([, id]) => id ?? "");
      expect(eventId).not.toBe("");
      const resumed = await open.resume(eventId);
      expect(resumed.status).toBe(400);
      await resumed.text();
    }
  });

  describe("in a batch", () => {
    /** Sends calls with these ids in one batch, in a session of the revision that has batches. */
    async function sendBatch(server: { url: string }, ids: readonly number[]) {
      const params = {
        protocolVersion: "2025-03-26",
        capabilities: {},
        clientInfo: { name: "t", version: "1" },
      };
      const opened = await send(server.url, { era, method: "initialize", params });
      await opened.text();
      const session = opened.headers.get("mcp-session-id") ?? "";
      const body = JSON.stringify(ids.map((id) => ({ jsonrpc: "2.0", id, ...call })));
      const headers = headersOf(era, "alice", { "mcp-session-id": session });
      return { session, response: fetch(server.url, { method: "POST", headers, body }) };
    }

    test("may not use one id twice", async () => {
      await using open = await openWaiting(era);
      const { response } = await sendBatch(open.server, [1, 2, 1]);
      await expectRefusal(await response, 400, "invalid_request");
      expect(open.waiting).toHaveLength(0);
    });

    test("take all the places that they need, or none", async () => {
      const caller = { maxCalls: 2, maxStreams: 9, maxUnreadBytes: 1024 };
      await using open = await openWaiting(era, { limits: { caller } });
      const tooMany = await sendBatch(open.server, [1, 2, 3]);
      await expectRefusal(await tooMany.response, 429, "too_many_calls");
      const { response } = await sendBatch(open.server, [1, 2]);
      await open.untilWaiting(2);
      open.endAll();
      expect(await (await response).text()).toContain('"id":2');
    });

    test("do not wait for one that is cancelled", async () => {
      await using open = await openWaiting(era);
      const { session, response } = await sendBatch(open.server, [1, 2]);
      await open.untilWaiting(2);
      const params = { requestId: 1 };
      await send(open.server.url, { era, id: null, method: "notifications/cancelled", params, session });
      open.endAll();
      const text = await (await response).text();
      expect(text).toMatch(/"id":1,"error"/);
      expect(text).toMatch(/"id":2|"result"/);
    });
  });

  test("that are broken off go on, and count until they end", async () => {
    const caller = { maxCalls: 1, maxStreams: 9, maxUnreadBytes: 1024 };
    await using open = await openWaiting(era, { limits: { caller } });
    const breaking = new AbortController();
    const broken = open.start("alice", { signal: breaking.signal });
    await open.untilWaiting(1);
    await broken;
    breaking.abort();
    await expectRefusal(await open.start(), 429, "too_many_calls");
    open.endAll();
    const next = open.start();
    await open.untilWaiting(1);
    open.endAll();
    expect((await next).status).toBe(200);
  });
});
