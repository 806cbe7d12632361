import { describe, expect, test } from "bun:test";
import { startServer } from "./start-server.ts";
import {
  call,
  callers,
  expectRefusal,
  headersOf,
  openSession,
  openWaiting,
  quick,
  send,
} from "./waiting-server.ts";

describe("sessions", () => {
  test("that are opened at the same time are no more than one caller may have", async () => {
    const sessions = { idleMs: 60_000, maxAgeMs: 60_000, maxPerCaller: 4, max: 99 };
    await using server = startServer(quick, callers, { limits: { sessions } });
    const ids = await Promise.all(Array.from({ length: 12 }, () => openSession(server.url)));
    const pings = ids.map((session) => send(server.url, { era: "2025-11-25", method: "ping", session }));
    const statuses = (await Promise.all(pings)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(4);
  });

  test("that were not opened after all take no room", async () => {
    const sessions = { idleMs: 60_000, maxAgeMs: 60_000, maxPerCaller: 1, max: 1 };
    await using server = startServer(quick, callers, { limits: { sessions } });
    const params = {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "t", version: "1" },
    };
    for (let round = 0; round < 3; round++) {
      const headers = { accept: "application/json" };
      const refused = await send(server.url, { era: "2025-11-25", method: "initialize", params, headers });
      expect(refused.status).toBe(406);
      await refused.text();
    }
    expect(await openSession(server.url)).not.toBe("");
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

  test("that are refused give back their place and their id", async () => {
    const caller = { maxCalls: 1, maxStreams: 9, maxUnreadBytes: 1024 };
    await using open = await openWaiting(era, { limits: { caller } });
    for (let round = 0; round < 3; round++) {
      const refused = await open.start("alice", { id: 7, headers: { "mcp-protocol-version": "1999-01-01" } });
      expect(refused.status).toBe(400);
      await refused.text();
    }
    const running = open.start("alice", { id: 7 });
    await open.untilWaiting(1);
    open.endAll();
    expect((await running).status).toBe(200);
  });

  test("that are cancelled give back their place and their id, and their stream ends without an answer", async () => {
    const caller = { maxCalls: 1, maxStreams: 9, maxUnreadBytes: 1024 };
    await using open = await openWaiting(era, { limits: { caller } });
    for (let round = 1; round <= 3; round++) {
      // The direct path, too, has opened the stream when it has answered.
      const running = await open.start("alice", { id: 7, headers: { "mcp-protocol-version": era } });
      await open.untilWaiting(round);
      const params = { requestId: 7 };
      const cancelled = await open.start("alice", { id: null, method: "notifications/cancelled", params });
      expect(cancelled.status).toBe(202);
      const text = await running.text();
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
