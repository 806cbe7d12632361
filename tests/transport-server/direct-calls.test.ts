import { describe, expect, jest, test } from "bun:test";
import { AppError } from "../../lib/base/errors.ts";
import type { CallContext, ToolResult } from "../../lib/tools/toolset.ts";
import type { DirectTools } from "../../lib/transport/server/binders.ts";
import { answerModernCall } from "../../lib/transport/server/direct/modern-call.ts";
import { answerSessionCall } from "../../lib/transport/server/direct/session-call.ts";
import { createInFlight } from "../../lib/transport/server/in-flight.ts";
import { createCallStreams } from "../../lib/transport/server/legacy/call-streams.ts";
import { createEventStore } from "../../lib/transport/server/legacy/event-store.ts";
import { createRunningRequests } from "../../lib/transport/server/legacy/running-requests.ts";
import { createAnswerHeaders } from "../../lib/transport/server/legacy/session.ts";
import type { OpenSession, Sessions } from "../../lib/transport/server/legacy/sessions.ts";
import { createSlots, takeCall } from "../../lib/transport/server/slots.ts";
import { revisions } from "./raw-request.ts";

const good: ToolResult = {
  content: [{ type: "text", text: "{}" }],
  structuredContent: { ok: true },
  isError: false,
};

interface Start {
  readonly progressToken?: string;
  readonly signal?: AbortSignal;
}

/** Calls without a server around them, and what they hold. */
function open(revision: string, callNow: DirectTools["callNow"]) {
  const [calls, holds, inFlight] = [createSlots(9), createSlots(9), createInFlight()];
  const limits: number[] = [];
  const tools: DirectTools = { serverInfo: { name: "t" }, has: () => true, kept: new Map(), callNow };
  const options = { tools, calls, inFlight, maxUnreadBytes: 1000 };
  const events = createEventStore();
  const streams = createCallStreams({ events, revision, knownRevisions: [revision] });
  const running = createRunningRequests();
  const session = {
    id: "s",
    running,
    events,
    streams,
    answerHeaders: createAnswerHeaders("s"),
  } as unknown as OpenSession;
  const sessions = { hold: () => takeCall(holds, "session") } as unknown as Sessions;
  function start({ progressToken, signal }: Start = {}): Response | Promise<Response> {
    const request = new Request("http://localhost/mcp", { method: "POST", ...(signal ? { signal } : {}) });
    const limitIdle = (seconds: number) => void limits.push(seconds);
    const admitted = { request, principal: undefined, caller: "alice", limitIdle };
    const call = { id: 7, name: "probe", args: {}, progressToken };
    if (revision === "2026-07-28") return answerModernCall(call, admitted, options);
    return answerSessionCall({ session, call, admitted }, { ...options, sessions });
  }
  const held = () => ({
    places: calls.taken("alice"),
    inFlight: inFlight.count(),
    sessions: holds.taken("session"),
    ids: running.get(7) ? 1 : 0,
  });
  /** As the session's transport does when the caller cancels. */
  function cancel(): void {
    running.get(7)?.cancel?.();
    running.end(7);
  }
  return { start, held, limits, cancel, running };
}

/** A tool that ends when it is told to. */
function createSlowTool() {
  const told = Promise.withResolvers<ToolResult>();
  const contexts: CallContext[] = [];
  const callNow: DirectTools["callNow"] = (_name, _args, context) => {
    contexts.push(context);
    return told.promise;
  };
  return { callNow, context: () => contexts[0] as CallContext, end: () => told.resolve(good) };
}

const nothing = { places: 0, inFlight: 0, sessions: 0, ids: 0 };

describe.each(revisions)("%s: a call on the direct path", (revision) => {
  const isModern = revision === "2026-07-28";
  const all = { places: 1, inFlight: 1, sessions: isModern ? 0 : 1, ids: isModern ? 0 : 1 };

  test("holds its place and its connection until it is answered", async () => {
    const slow = createSlowTool();
    const { start, held, limits } = open(revision, slow.callNow);
    const answer = start();
    expect(held()).toEqual(all);
    expect(limits).toEqual([0]);
    slow.end();
    expect(await (await answer).json()).toMatchObject({ id: 7, result: { structuredContent: { ok: true } } });
    expect(held()).toEqual(nothing);
    expect(limits).toEqual([0, 10]);
  });

  test("that ends at once leaves the connection as it is", async () => {
    const { start, held, limits } = open(revision, () => good);
    expect(await (await start()).json()).toMatchObject({ id: 7, result: { isError: false } });
    expect(held()).toEqual(nothing);
    expect(limits).toEqual([]);
  });

  test("on a stream holds its place and its connection until the end of that", async () => {
    const slow = createSlowTool();
    const { start, held, limits } = open(revision, slow.callNow);
    const answer = start({ progressToken: "p" });
    slow.context().onProgress?.({ progress: 1 });
    const response = await answer;
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    slow.context().onProgress?.({ progress: 2 });
    expect(held()).toEqual(all);
    expect(limits).toEqual([0]);
    slow.end();
    const messages = [...(await response.text()).matchAll(/^data: (\{.+)$/gm)].map(([, text]) =>
      JSON.parse(text ?? ""),
    );
    expect(messages).toMatchObject([
      { method: "notifications/progress", params: { progressToken: "p", progress: 1 } },
      { params: { progressToken: "p", progress: 2 } },
      { id: 7, result: { isError: false } },
    ]);
    expect(held()).toEqual(nothing);
    expect(limits).toEqual([0, 10]);
  });

  test("that nobody asked progress of has nobody to report to", async () => {
    const slow = createSlowTool();
    const answer = open(revision, slow.callNow).start();
    expect(slow.context().onProgress).toBeUndefined();
    slow.end();
    expect((await answer).headers.get("content-type")).toBe("application/json");
  });

  const secret = new TypeError("secret");
  const failures: readonly (readonly [string, DirectTools["callNow"], object])[] = [
    [
      "at once",
      () => {
        throw secret;
      },
      { code: -32603, message: "The server failed." },
    ],
    ["later", () => Promise.reject(secret), { code: -32603, message: "The server failed." }],
    [
      "with an error that is ours",
      () => Promise.reject(new AppError("unknown_tool", "No.")),
      { code: -32602, message: "No." },
    ],
  ];
  test.each(failures)("that fails outside of its tool, %s, is answered with an error", async (...row) => {
    const [, callNow, error] = row;
    const { start, held } = open(revision, callNow);
    expect(await (await start()).json()).toEqual({ jsonrpc: "2.0", id: 7, error });
    expect(held()).toEqual(nothing);
  });
});

describe("2026-07-28: a call on the direct path", () => {
  test("is cancelled when its caller goes, and holds nothing from then on", async () => {
    const slow = createSlowTool();
    const leaving = new AbortController();
    const { start, held } = open("2026-07-28", slow.callNow);
    const answer = start({ signal: leaving.signal });
    const { signal } = slow.context();
    expect([signal.aborted, slow.context().isCancelled?.()]).toEqual([false, false]);
    leaving.abort();
    expect([signal.aborted, slow.context().isCancelled?.()]).toEqual([true, true]);
    expect(held()).toEqual(nothing);
    slow.end();
    await answer;
  });

  test("is cancelled when its caller had gone before the tool asked", async () => {
    const slow = createSlowTool();
    const { start } = open("2026-07-28", slow.callNow);
    const answer = start({ signal: AbortSignal.abort() });
    expect(slow.context().signal.aborted).toBe(true);
    expect(slow.context().isCancelled?.()).toBe(true);
    slow.end();
    await answer;
  });

  test("is cancelled when the reader of its stream goes", async () => {
    const slow = createSlowTool();
    const { start, held } = open("2026-07-28", slow.callNow);
    const answer = start({ progressToken: "p" });
    const { signal } = slow.context();
    slow.context().onProgress?.({ progress: 1 });
    await (await answer).body?.cancel();
    expect([signal.aborted, slow.context().isCancelled?.()]).toEqual([true, true]);
    expect(held()).toEqual(nothing);
    slow.end();
  });
});

describe("2025-11-25: a call on the direct path", () => {
  test.each([["before the tool asks"], ["after the tool asked"]])(
    "that is cancelled %s has an empty stream for an answer, and does not free the id's next call",
    async (when) => {
      const slow = createSlowTool();
      const { start, held, cancel, running } = open("2025-11-25", slow.callNow);
      const answer = start();
      const signal = when === "after the tool asked" ? slow.context().signal : undefined;
      expect(slow.context().isCancelled?.()).toBe(false);
      cancel();
      expect(signal?.aborted ?? true).toBe(true);
      expect([slow.context().signal.aborted, slow.context().isCancelled?.()]).toEqual([true, true]);
      running.begin(7, { isAlone: true, release() {} });
      slow.end();
      const response = await answer;
      expect(response.headers.get("content-type")).toBe("text/event-stream");
      expect(await response.text()).toBe(":\n\n");
      expect(held()).toEqual({ ...nothing, ids: 1 });
    },
  );

  test("that is cancelled on its stream ends that, and its late end does not free the id's next call", async () => {
    const slow = createSlowTool();
    const { start, held, cancel, running } = open("2025-11-25", slow.callNow);
    const response = await start({ progressToken: "p" });
    cancel();
    expect(await response.text()).not.toContain('"id":7');
    expect(held()).toEqual(nothing);
    running.begin(7, { isAlone: true, release() {} });
    slow.end();
    await Bun.sleep(0);
    expect(held()).toEqual({ ...nothing, ids: 1 });
  });

  test("ends with its session, and holds nothing from then on", async () => {
    const slow = createSlowTool();
    const { start, held, running } = open("2025-11-25", slow.callNow);
    const response = await start({ progressToken: "p" });
    running.endAll();
    expect(slow.context().isCancelled?.()).toBe(true);
    expect(await response.text()).not.toContain('"id":7');
    expect(held()).toEqual(nothing);
  });

  test("goes on when its reader goes, which frees the connection alone", async () => {
    const slow = createSlowTool();
    const { start, held, limits } = open("2025-11-25", slow.callNow);
    await (await start({ progressToken: "p" })).body?.cancel();
    expect(slow.context().isCancelled?.()).toBe(false);
    expect(held()).toEqual({ places: 1, inFlight: 0, sessions: 1, ids: 1 });
    slow.end();
    await Bun.sleep(0);
    expect(held()).toEqual(nothing);
    expect(limits).toEqual([0, 10]);
  });

  test("cuts off a reader who leaves too much unread", async () => {
    const slow = createSlowTool();
    const { start, held } = open("2025-11-25", slow.callNow);
    const response = await start({ progressToken: "p" });
    const report = (progress: number) => slow.context().onProgress?.({ progress, message: "x".repeat(2000) });
    report(1);
    expect(held().inFlight).toBe(1);
    report(2);
    expect(held().inFlight).toBe(0);
    expect(await response.text()).not.toContain('"progress":2');
    slow.end();
  });

  test("becomes a stream after a while, and not when its answer has left", async () => {
    jest.useFakeTimers();
    try {
      const fast = createSlowTool();
      const answered = open("2025-11-25", fast.callNow).start();
      fast.end();
      expect((await answered).headers.get("content-type")).toBe("application/json");
      expect(jest.getTimerCount()).toBe(0);
      const slow = createSlowTool();
      const answer = open("2025-11-25", slow.callNow).start();
      jest.advanceTimersByTime(250);
      const response = await answer;
      expect(response.headers.get("content-type")).toBe("text/event-stream");
      slow.end();
      expect(await response.text()).toContain('"id":7');
    } finally {
      jest.useRealTimers();
    }
  });
});
