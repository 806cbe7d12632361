import { describe, expect, test } from "bun:test";
import { createCallStreams } from "../../lib/transport/server/legacy/call-streams.ts";
import { createEventStore } from "../../lib/transport/server/legacy/event-store.ts";
import { openWaiting } from "./waiting-server.ts";

const knownRevisions = ["2025-06-18", "2025-11-25"];
const sse = { accept: "text/event-stream" };

function open(revision = "2025-11-25", maxUnreadBytes = 1000) {
  const streams = createCallStreams({ events: createEventStore(), revision, knownRevisions });
  let ends = 0;
  const stream = streams.open({ sessionId: "s", maxUnreadBytes, onEnd: () => ends++ });
  const resume = (headers: Record<string, string>) =>
    streams.resume(new Request("http://localhost/mcp", { headers }), "s");
  return { stream, resume, ends: () => ends };
}

async function readId(response: Response): Promise<string> {
  let text = "";
  for await (const piece of response.body ?? []) {
    text += new TextDecoder().decode(piece);
    const id = /^id: (\S+)$/m.exec(text)?.[1];
    if (id !== undefined) return id;
  }
  throw new Error(`no id in ${text}`);
}

describe("the stream of a call", () => {
  test("begins with an event without data where the revision knows it", async () => {
    for (const [revision, opening] of [
      ["2025-11-25", /^:\n\nid: \S+\nretry: 1000\ndata: \n\nevent: message\nid: \S+\ndata: 1\n\n$/],
      ["2025-06-18", /^:\n\nevent: message\nid: \S+\ndata: 1\n\n$/],
    ] as const) {
      const { stream } = open(revision);
      stream.send("1");
      stream.end();
      expect(await stream.response.text()).toMatch(opening);
    }
  });

  test("goes on after its reader has gone, and is taken up again where that left", async () => {
    const { stream, resume, ends } = open();
    const id = await readId(stream.response);
    expect(ends()).toBe(1);
    stream.send("1");
    const resumed = resume({ ...sse, "last-event-id": id });
    expect(resumed?.headers.get("mcp-session-id")).toBe("s");
    stream.send("2");
    stream.end();
    expect([...((await resumed?.text()) ?? "").matchAll(/^data: (.+)$/gm)].map(([, data]) => data)).toEqual([
      "1",
      "2",
    ]);
    // From then on the SDK replays what is kept of it.
    expect(resume({ ...sse, "last-event-id": id })).toBeUndefined();
  });

  test("has one reader at a time", async () => {
    const { stream, resume } = open();
    const id = await readId(stream.response);
    const headers = { ...sse, "last-event-id": id };
    expect(resume(headers)?.status).toBe(200);
    expect(resume(headers)?.status).toBe(409);
  });

  test("gives what came after the event alone, with ids to come back with", async () => {
    const { stream, resume } = open();
    const priming = await readId(stream.response);
    stream.send("1");
    stream.send("2");
    const first = await readId(resume({ ...sse, "last-event-id": priming }) ?? Response.error());
    const resumed = resume({ ...sse, "last-event-id": first });
    stream.end();
    expect(await resumed?.text()).toMatch(/^:\n\nevent: message\nid: \S+\ndata: 2\n\n$/);
  });

  test("is over at its end, whether its reader has gone by then or goes later", async () => {
    for (const leaveFirst of [true, false]) {
      const { stream, resume, ends } = open();
      const reader = stream.response.body?.getReader();
      let text = "";
      while (!text.includes("id: ")) text += new TextDecoder().decode((await reader?.read())?.value);
      const id = /^id: (\S+)$/m.exec(text)?.[1] ?? "";
      if (leaveFirst) await reader?.cancel();
      stream.send("1");
      const before = ends();
      stream.end();
      expect(ends()).toBe(before + 1);
      await reader?.cancel();
      expect(resume({ ...sse, "last-event-id": id })).toBeUndefined();
    }
  });

  test.each([
    ["no event id", {}],
    ["an unknown event id", { "last-event-id": "x" }],
    ["another Accept", { accept: "application/json" }],
    ["an unknown revision", { "mcp-protocol-version": "1999-01-01" }],
  ])("is left to the SDK's refusal with %s", async (_, bent) => {
    const { stream, resume } = open();
    const id = await readId(stream.response);
    const headers = Object.keys(bent).length === 0 ? sse : { ...sse, "last-event-id": id, ...bent };
    expect(resume(headers as Record<string, string>)).toBeUndefined();
  });

  test("that was dropped ends without an answer, and nobody takes it up again", async () => {
    const { stream, resume } = open();
    const id = await readId(stream.response);
    stream.drop();
    expect(resume({ ...sse, "last-event-id": id })).toBeUndefined();
  });

  test("cuts off a reader who leaves too much unread, and keeps what comes", async () => {
    const { stream, resume, ends } = open("2025-11-25", 100);
    const reader = stream.response.body?.getReader();
    let text = "";
    while (!text.includes("id: ")) text += new TextDecoder().decode((await reader?.read())?.value);
    const id = /^id: (\S+)$/m.exec(text)?.[1] ?? "";
    stream.send("x".repeat(200));
    expect(ends()).toBe(0);
    stream.send("late");
    expect(ends()).toBe(1);
    stream.send("later");
    const resumed = resume({ ...sse, "last-event-id": id });
    stream.end();
    expect(await resumed?.text()).toMatch(/data: x+\n\n[^]*data: late\n\n[^]*data: later\n\n$/);
  });
});

test("a client that was cut off in mid-call gets the answer on the stream that it takes up again", async () => {
  await using waiting = await openWaiting("2025-11-25", { directPath: true });
  const leaving = new AbortController();
  const params = { name: "wait", arguments: {}, _meta: { progressToken: 1 } };
  const id = await readId(await waiting.start("alice", { id: 5, params, signal: leaving.signal }));
  leaving.abort();
  await waiting.untilWaiting(1);
  let resumed = await waiting.resume(id);
  while (resumed.status === 409) {
    await resumed.text();
    resumed = await waiting.resume(id);
  }
  waiting.endAll();
  expect(await resumed.text()).toContain('"jsonrpc":"2.0","id":5}');
  const foreign = await fetch(waiting.server.url, {
    headers: { ...sse, authorization: "Bearer bob", "last-event-id": id, "mcp-session-id": "x" },
  });
  expect(foreign.status).toBe(404);
});
