import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { systemClock } from "../../lib/base/clock.ts";
import { AppError } from "../../lib/base/errors.ts";
import { silentLog } from "../../lib/base/log.ts";
import { builtInTools } from "../../lib/tools/built-in.ts";
import { defineTool, type Tool } from "../../lib/tools/tool.ts";
import { type Bend, type BentCall, bends, goodCalls, goodQuestions } from "./direct-requests.ts";
import { createToolset } from "../../lib/tools/toolset.ts";
import { bindToolsetDirect } from "../../lib/transport/server/direct/bind-toolset.ts";
import { createMcpEndpoint } from "../../lib/transport/server/mcp-endpoint.ts";
import { matchModernCall, matchSessionCall } from "../../lib/transport/server/direct/match-call.ts";
import { headersOf, openSession, openWaiting } from "./waiting-server.ts";
import { openRaw, type RawAnswer, type Revision, revisions } from "./raw-request.ts";

function failingTool(name: string, error: Error): Tool {
  return defineTool({
    name,
    title: name,
    description: name,
    input: z.object({}),
    output: z.object({}),
    run() {
      throw error;
    },
  });
}

const tools = [
  ...builtInTools({ reverseSeconds: 0 }),
  failingTool("fail", new AppError("tool_failed", "It failed.")),
  failingTool("break", new TypeError("secret")),
];

/** Ids that are drawn anew each time. */
function withoutIds(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "UUID")
    .replaceAll(/^id: \S+$/gm, "id: EVENT");
}

/** How a stream is cut into chunks, and whether it is at all, hangs on when its parts are written. */
function withoutChunks({ headers, body }: RawAnswer): string {
  if (headers["transfer-encoding"] !== "chunked") return body;
  return body.replaceAll(/(^|\r\n)[0-9a-f]+\r\n/g, "").replace(/\r\n$/, "");
}

/** What must be the same on both paths, to the byte. */
function seenOf(answer: RawAnswer): unknown {
  const headers: Record<string, string> = { ...answer.headers };
  delete headers["date"];
  // The events' numbers have more digits on one side than on the other.
  if (headers["content-type"] === "text/event-stream") {
    delete headers["content-length"];
    delete headers["transfer-encoding"];
  }
  const { status } = answer;
  return {
    status,
    headers: JSON.parse(withoutIds(JSON.stringify(headers))),
    body: withoutIds(withoutChunks(answer)),
  };
}

/** The JSON-RPC messages of an answer, as their text. */
function messagesOf({ headers, body }: RawAnswer): readonly string[] {
  if (!headers["content-type"]?.startsWith("text/event-stream")) return [withoutIds(body)];
  return [...body.matchAll(/^data: (\{[^\n]*)$/gm)].map(([, text]) => withoutIds(text ?? ""));
}

/** In a session the direct path gives JSON where the SDK gives a stream: of those the messages are compared. */
function isDirectJson(direct: RawAnswer, sdk: RawAnswer): boolean {
  const [type, other] = [direct, sdk].map(({ headers }) => headers["content-type"]);
  return type === "application/json" && other === "text/event-stream";
}

const limits = { addressRate: { perSecond: 0, burst: 1 }, callerRate: { perSecond: 0, burst: 1 } };

async function openBoth(revision: Revision) {
  const direct = await openRaw(revision, tools, { directPath: true, limits });
  const sdk = await openRaw(revision, tools, { directPath: false, limits });
  const named = { method: "tools/call" };
  async function compare(bend: Bend[1], call: BentCall): Promise<boolean> {
    const { body, headers } = bend(call);
    const request = { headers, body: JSON.stringify(body) };
    const [first, second] = await Promise.all([direct.send(named, request), sdk.send(named, request)]);
    if (revision === "2026-07-28" || !isDirectJson(first, second)) {
      expect(seenOf(first)).toEqual(seenOf(second));
      return false;
    }
    expect(messagesOf(first)).toEqual(messagesOf(second));
    expect(first.status).toBe(second.status);
    expect(first.headers["mcp-session-id"]?.length).toBe(36);
    return true;
  }
  async function close() {
    await direct[Symbol.asyncDispose]();
    await sdk[Symbol.asyncDispose]();
  }
  return { compare, [Symbol.asyncDispose]: close };
}

/** Each pair of bends that stand so far apart in the list, one after the other. */
function pairsAt(distance: number): readonly Bend[] {
  return bends.map(([name, bend], index) => {
    const [otherName, other] = bends[(index + distance) % bends.length] ?? ["", bend];
    return [`${name} and ${otherName}`, (call) => other(bend(call))];
  });
}

describe.each(revisions)("%s: the direct path answers as the SDK does", (revision) => {
  const kinds: readonly (readonly [name: string, bends: readonly Bend[]])[] = [
    ["bent in one place", bends],
    ["bent in two places", [17, 53, 101].flatMap(pairsAt)],
  ];
  test.each(kinds)(
    "a call that is %s",
    async (_, all) => {
      await using both = await openBoth(revision);
      const questions = revision === "2026-07-28" ? goodQuestions() : [];
      for (const call of [...goodCalls(revision), ...questions]) {
        for (const [name, bend] of all) {
          await both.compare(bend, call).catch((error: unknown) => {
            throw new Error(`${name}: ${String(error)}`, { cause: error });
          });
        }
      }
    },
    60_000,
  );
});

describe.each(revisions)("%s: the direct path", (revision) => {
  const isModern = revision === "2026-07-28";

  test("takes the calls that clients send", () => {
    for (const { body, headers } of goodCalls(revision)) {
      const sent = new Headers({
        accept: "application/json, text/event-stream",
        "content-type": "application/json",
        "mcp-protocol-version": revision,
        ...(headers as Record<string, string>),
      });
      const call = isModern ? matchModernCall(sent, body) : matchSessionCall(sent, body, revision);
      expect(call).toMatchObject({ id: 1, progressToken: undefined });
    }
  });

  test("ends a call that is cancelled before it has answered, without an answer", async () => {
    await using open = await openWaiting(revision, { directPath: true });
    const leaving = new AbortController();
    const headers = { "mcp-protocol-version": revision };
    const running = open.start("alice", { id: 7, headers, signal: leaving.signal });
    await open.untilWaiting(1);
    if (isModern) {
      leaving.abort();
      await expect(running).rejects.toThrow();
    } else {
      const params = { requestId: 7 };
      await (await open.start("alice", { id: null, method: "notifications/cancelled", params })).text();
      expect(await (await running).text()).toBe(":\n\n");
    }
    expect(await open.cancelled).toBe(true);
  });
});

const answeredBy = [
  ["the direct path", true],
  ["the SDK", false],
] as const;
test.each(answeredBy)("calls that %s answers end with their session", async (_, directPath) => {
  await using open = await openWaiting("2025-11-25", { directPath });
  const { url } = open.server;
  const session = await openSession(url);
  const name = { name: "wait", arguments: {} };
  const running = [
    open.start("alice", { session }),
    open.start("alice", { session, params: { ...name, _meta: { progressToken: 1 } } }),
  ];
  await open.untilWaiting(2);
  const headers = headersOf("2025-11-25", "alice", { "mcp-session-id": session });
  expect((await fetch(url, { method: "DELETE", headers })).status).toBe(200);
  expect(await open.cancelled).toBe(true);
  for (const answer of await Promise.all(running)) expect(await answer.text()).not.toContain("result");
});

test("the direct path answers calls, lists and discovery of 2026-07-28 without loading an SDK", async () => {
  const toolset = createToolset(tools, { log: silentLog });
  const load = () => Promise.reject(new Error("an SDK was loaded"));
  const binders = { modern: load, legacy: load, direct: bindToolsetDirect(toolset) };
  const endpoint = createMcpEndpoint({ binders, clock: systemClock, log: silentLog });
  for (const { body, headers } of [...goodCalls("2026-07-28"), ...goodQuestions()]) {
    const answer = await endpoint.handle({
      request: new Request("http://localhost/mcp", {
        method: "POST",
        headers: {
          accept: "application/json, text/event-stream",
          "content-type": "application/json",
          "mcp-protocol-version": "2026-07-28",
          ...(headers as Record<string, string>),
        },
        body: JSON.stringify(body),
      }),
      principal: undefined,
      caller: "address 127.0.0.1",
      limitIdle() {},
    });
    expect(await answer.json()).toMatchObject({ id: 1, result: { resultType: "complete" } });
  }
  await endpoint.close();
});
