import { describe, expect, test } from "bun:test";
import { createEventStore } from "../../lib/transport/server/legacy/event-store.ts";
import { builtInTools } from "../../lib/tools/built-in.ts";
import { createPrincipal, startServer } from "./start-server.ts";

describe("the event store", () => {
  const message = (id: number) => ({ jsonrpc: "2.0" as const, id, result: {} });

  async function replay(store: ReturnType<typeof createEventStore>, after: string) {
    const sent: unknown[] = [];
    const send = async (_: string, event: unknown) => void sent.push(event);
    return { streamId: await store.replayEventsAfter(after, { send }), sent };
  }

  test("replays what came later on the same stream, in order, without priming events", async () => {
    const store = createEventStore();
    const first = await store.storeEvent("a", message(1));
    await store.storeEvent("b", message(2));
    await store.storeEvent("a", {} as never);
    const third = await store.storeEvent("a", message(3));
    await store.storeEvent("a", message(4));
    expect(await replay(store, first)).toEqual({ streamId: "a", sent: [message(3), message(4)] });
    expect((await replay(store, third)).sent).toEqual([message(4)]);
    expect(await store.getStreamIdForEventId?.(first)).toBe("a");
  });

  test("does not know the events of another session", async () => {
    const own = createEventStore();
    const other = createEventStore();
    await own.storeEvent("_GET_stream", message(1));
    const foreign = await other.storeEvent("_GET_stream", message(2));
    expect(await own.getStreamIdForEventId?.(foreign)).toBeUndefined();
    await expect(replay(own, foreign)).rejects.toThrow("unknown event id");
  });

  test("keeps the last 512 events", async () => {
    const store = createEventStore();
    const ids: string[] = [];
    for (let i = 0; i < 513; i++) ids.push(await store.storeEvent("a", message(i)));
    expect(await store.getStreamIdForEventId?.(ids[0] ?? "")).toBeUndefined();
    expect((await replay(store, ids[1] ?? "")).sent).toHaveLength(511);
    expect(new Set(ids).size).toBe(513);
  });
});

describe("a session over HTTP", () => {
  const tools = builtInTools({ reverseSeconds: 0 });
  const alice = createPrincipal("alice");
  const bob = createPrincipal("bob");
  const headersOf = (token: string, more: Record<string, string> = {}) => ({
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    authorization: `Bearer ${token}`,
    ...more,
  });
  const message = (method: string, params: Record<string, unknown> = {}, id: number | undefined = 1) =>
    JSON.stringify({ jsonrpc: "2.0", id, method, params });

  async function initialize(url: string, protocolVersion = "2025-11-25", token = "alice") {
    const params = { protocolVersion, capabilities: {}, clientInfo: { name: "t", version: "1" } };
    const response = await fetch(url, {
      method: "POST",
      headers: headersOf(token),
      body: message("initialize", params),
    });
    const id = response.headers.get("mcp-session-id") ?? "";
    return { id, status: response.status, text: await response.text() };
  }

  const send = (url: string, id: string, body: string, token = "alice") =>
    fetch(url, { method: "POST", headers: headersOf(token, { "mcp-session-id": id }), body });

  test.each([
    ["2025-03-26", 200],
    ["2024-11-05", 400],
    ["2025-06-18", 400],
    ["2025-11-25", 400],
    ["2099-01-01", 400],
  ])("of revision %s answers a batch with %p", async (revision, status) => {
    await using server = startServer(tools, [alice]);
    const { id } = await initialize(server.url, revision);
    const response = await send(server.url, id, `[${message("tools/list")},${message("ping", {}, 2)}]`);
    expect(response.status).toBe(status);
    const text = await response.text();
    if (status === 200) expect(text).toContain('"random_number_tool"');
    else expect(text).toContain("batch_not_supported");
  });

  test("is over after DELETE", async () => {
    await using server = startServer(tools, [alice]);
    const { id } = await initialize(server.url);
    const gone = await fetch(server.url, {
      method: "DELETE",
      headers: headersOf("alice", { "mcp-session-id": id }),
    });
    expect(gone.status).toBe(200);
    expect((await send(server.url, id, message("tools/list"))).status).toBe(404);
  });

  test("is not opened by anything but initialize", async () => {
    await using server = startServer(tools, [alice]);
    const response = await fetch(server.url, {
      method: "POST",
      headers: headersOf("alice"),
      body: message("tools/list"),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { data: { reason: "invalid_request" } } });
    expect(response.headers.get("mcp-session-id")).toBeNull();
  });

  test("gives way to the caller's 65th, and another caller's stays", async () => {
    await using server = startServer(tools, [alice, bob]);
    const other = await initialize(server.url, "2025-11-25", "bob");
    const first = await initialize(server.url);
    const second = await initialize(server.url);
    for (let i = 0; i < 63; i++) await initialize(server.url);
    expect((await send(server.url, first.id, message("tools/list"))).status).toBe(404);
    const kept = await send(server.url, second.id, message("tools/list"));
    expect(kept.status).toBe(200);
    await kept.text();
    expect((await send(server.url, other.id, message("tools/list"), "bob")).status).toBe(200);
  });

  test("leaves room when it was deleted", async () => {
    await using server = startServer(tools, [alice]);
    const first = await initialize(server.url);
    let last = first;
    for (let i = 0; i < 63; i++) last = await initialize(server.url);
    const headers = headersOf("alice", { "mcp-session-id": last.id });
    await fetch(server.url, { method: "DELETE", headers });
    await initialize(server.url);
    expect((await send(server.url, first.id, message("tools/list"))).status).toBe(200);
  });

  test("takes a stream up again after an event id, and not after another session's", async () => {
    await using server = startServer(tools, [alice, bob]);
    const own = await initialize(server.url);
    const other = await initialize(server.url, "2025-11-25", "bob");
    const call = { name: "reverse_tool", arguments: { query: "abc" }, _meta: { progressToken: 0 } };
    const answered = await (await send(server.url, own.id, message("tools/call", call, 7))).text();
    const [firstEvent = ""] = [...answered.matchAll(/^id: (\S+)$/gm)].map(([, id]) => id ?? "");
    expect(firstEvent).not.toBe("");
    const resume = (token: string, session: string) =>
      fetch(server.url, {
        headers: {
          accept: "text/event-stream",
          authorization: `Bearer ${token}`,
          "mcp-session-id": session,
          "last-event-id": firstEvent,
        },
      });
    const foreign = await resume("bob", other.id);
    expect(foreign.status).toBe(400);
    await foreign.text();
    const resumed = await resume("alice", own.id);
    expect(resumed.status).toBe(200);
    const reader = resumed.body?.getReader();
    let text = "";
    while (!text.includes("reversed_query")) {
      const { value, done } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done) break;
      text += new TextDecoder().decode(value);
    }
    await reader?.cancel();
    expect(text).toContain('"progress":5');
    expect(text).toContain('{\\"reversed_query\\":\\"cba\\"}');
  });
});
