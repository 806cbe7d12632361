import { describe, expect, test } from "bun:test";
import type { DirectTools } from "../../lib/transport/server/binders.ts";
import { createDirectPath } from "../../lib/transport/server/direct/direct-path.ts";
import {
  matchModernCall,
  matchModernQuestion,
  matchSessionCall,
} from "../../lib/transport/server/direct/match-call.ts";
import { createInFlight } from "../../lib/transport/server/in-flight.ts";
import { createRunningRequests } from "../../lib/transport/server/legacy/running-requests.ts";
import { createAnswerHeaders } from "../../lib/transport/server/legacy/session.ts";
import type { Sessions } from "../../lib/transport/server/legacy/sessions.ts";
import { createSlots } from "../../lib/transport/server/slots.ts";
import { messageOf, type Revision } from "./raw-request.ts";

type Bent = Readonly<Record<string, string | undefined>>;

const params = { name: "probe", arguments: {} };
const question = messageOf("2026-07-28", { id: 1, method: "tools/list" });

function callOf(revision: Revision, info?: object, capabilities: object = {}) {
  const call = messageOf(revision, { id: 1, method: "tools/call", params });
  const meta = (call["params"] as { readonly _meta?: object })._meta;
  const more = {
    "io.modelcontextprotocol/clientCapabilities": capabilities,
    ...(info ? { "io.modelcontextprotocol/clientInfo": info } : {}),
  };
  return meta ? { ...call, params: { ...params, _meta: { ...meta, ...more } } } : call;
}

function headersOf(revision: string, bent: Bent): Headers {
  const headers = {
    accept: "application/json, text/event-stream",
    "content-type": "application/json",
    "mcp-protocol-version": revision,
    ...bent,
  };
  return new Headers(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

const modernCall = { "mcp-method": "tools/call", "mcp-name": "probe" };
const modernQuestion = { "mcp-method": "tools/list" };

const matchers: readonly (readonly [name: string, match: (bent: Bent) => unknown])[] = [
  [
    "a call of 2026-07-28",
    (bent) => matchModernCall(headersOf("2026-07-28", { ...modernCall, ...bent }), callOf("2026-07-28")),
  ],
  [
    "a question of 2026-07-28",
    (bent) => matchModernQuestion(headersOf("2026-07-28", { ...modernQuestion, ...bent }), question),
  ],
  [
    "a call in a session",
    (bent) => matchSessionCall(headersOf("2025-11-25", bent), callOf("2025-11-25"), "2025-11-25"),
  ],
];

describe.each(matchers)("%s goes the direct path as it commonly is, and to the SDK", (name, match) => {
  const isModern = name.endsWith("2026-07-28");

  test("as it commonly is", () => {
    expect(match({})).toMatchObject({ id: 1 });
    expect(match({ accept: "application/json,text/event-stream" })).toMatchObject({ id: 1 });
  });

  test.each([
    ["another Content-Type", { "content-type": "application/json; charset=utf-8" }],
    ["no Content-Type", { "content-type": undefined }],
    ["another Accept", { accept: "*/*" }],
    ["no Accept", { accept: undefined }],
    ["another revision", { "mcp-protocol-version": "1999-01-01" }],
    ["no revision", { "mcp-protocol-version": undefined }],
    ["an Mcp-Method of its own", { "mcp-method": isModern ? "ping" : "tools/call" }],
    ["an Mcp-Name of its own", { "mcp-name": isModern ? "other" : "probe" }],
  ])("with %s", (_, bent: Bent) => {
    expect(match(bent)).toBeUndefined();
  });
});

test.each([
  ["a capability that nobody knows", undefined, { x: {} }],
  ["a capability named as an inherited member", undefined, { constructor: {} }],
  ["a member of a capability that nobody knows", undefined, { elicitation: { x: {} } }],
  ["client info without a name", { version: "1" }, {}],
  ["a member of client info that nobody knows", { name: "a", version: "1", websiteUrl: "x" }, {}],
])("a call of 2026-07-28 with %s is left to the SDK", (_, info, capabilities) => {
  const headers = headersOf("2026-07-28", modernCall);
  expect(matchModernCall(headers, callOf("2026-07-28", { name: "a", version: "1" }))).toBeDefined();
  expect(matchModernCall(headers, callOf("2026-07-28", info, capabilities))).toBeUndefined();
});

test("a call in a session of a revision without MCP-Protocol-Version is left to the SDK", () => {
  for (const [revision, isTaken] of [
    ["2025-06-18", true],
    ["2025-03-26", false],
  ] as const) {
    const call = matchSessionCall(headersOf(revision, {}), callOf("2025-11-25"), revision);
    expect(call !== undefined).toBe(isTaken);
  }
});

describe("the direct path", () => {
  /** What it makes of a request, where its tools are named so, and a session of this revision is open. */
  function open(revision = "2025-11-25", offered = "probe") {
    const result = { content: [], isError: false };
    const callNow: DirectTools["callNow"] = () => result;
    const kept = new Map([["tools/list", "{}"]]);
    const tools: DirectTools = { serverInfo: {}, has: (name) => name === offered, kept, callNow };
    const [running, calls] = [createRunningRequests(), createSlots(1)];
    const session = { id: "s", protocolVersion: revision, running, answerHeaders: createAnswerHeaders("s") };
    const sessions = { find: () => session, hold: () => () => {} } as unknown as Sessions;
    const inFlight = createInFlight();
    const answer = createDirectPath({ tools, sessions, calls, inFlight, maxUnreadBytes: 1000 });
    const take = (headers: Headers, body: unknown, method = "POST") => {
      const request = new Request("http://localhost/mcp", { method, headers });
      return answer({ request, principal: undefined, caller: "alice", limitIdle() {} }, body);
    };
    return { take, running, calls };
  }

  const modern = headersOf("2026-07-28", modernCall);
  const inSession = headersOf("2025-11-25", { "mcp-session-id": "s" });

  test("takes calls of both families by POST", () => {
    const { take } = open();
    expect(take(modern, callOf("2026-07-28"))).toBeInstanceOf(Response);
    expect(take(inSession, callOf("2025-11-25"))).toBeInstanceOf(Response);
    expect(take(modern, callOf("2026-07-28"), "PUT")).toBeUndefined();
    expect(take(inSession, callOf("2025-11-25"), "PUT")).toBeUndefined();
  });

  test("leaves tools to the SDK that are not its own", () => {
    const { take } = open("2025-11-25", "other");
    expect(take(modern, callOf("2026-07-28"))).toBeUndefined();
    expect(take(inSession, callOf("2025-11-25"))).toBeUndefined();
  });

  test("takes no call or question of 2026-07-28 that names a session", () => {
    const { take } = open();
    const more = { "mcp-session-id": "s" };
    expect(take(headersOf("2026-07-28", { ...modernCall, ...more }), callOf("2026-07-28"))).toBeUndefined();
    expect(take(headersOf("2026-07-28", { ...modernQuestion, ...more }), question)).toBeUndefined();
  });

  test("holds a session to its own revision, and leaves an id that is in use to the SDK's path", () => {
    expect(open("2025-06-18").take(inSession, callOf("2025-11-25"))).toBeUndefined();
    const { take, running } = open();
    running.begin(1, { isAlone: true, release() {} });
    expect(take(inSession, callOf("2025-11-25"))).toBeUndefined();
  });

  test("counts a question as a call that is over at once", () => {
    const { take, calls } = open();
    const headers = headersOf("2026-07-28", modernQuestion);
    expect(take(headers, question)).toBeInstanceOf(Response);
    const giveBack = calls.take("alice");
    expect(() => take(headers, question)).toThrow("too many calls");
    giveBack?.();
    expect(take(headers, question)).toBeInstanceOf(Response);
  });
});
