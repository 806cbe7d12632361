import type { LoadStep } from "./plan.ts";

/** What the requests of one connection are made of. */
export interface Caller {
  readonly port: number;
  /** Absent for the rivals, which check none. */
  readonly token: string | undefined;
  /** A session of this connection's own. */
  readonly session: string;
}

/** The SDK's own servers: v2 on Bun, the same with its schemas made once, v1 with express on Node. */
export type RivalName = "sdk-modern" | "sdk-modern-tuned" | "sdk-express";

/** One kind of request that is measured. */
export interface Scenario {
  readonly name: string;
  readonly steps: (caller: Caller) => readonly LoadStep[];
  /** Which of the SDK's own servers know such requests. */
  readonly rivals: readonly RivalName[];
  /** Each connection has a session of its own. */
  readonly hasSession?: boolean;
}

interface Message {
  readonly revision: "2025-11-25" | "2026-07-28";
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly session?: string | undefined;
}

const clientInfo = { name: "bench", version: "1" };

function toText(target: string, { port, token }: Caller, more: readonly string[], body: string): string {
  const lines = [
    `${target} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    "User-Agent: bench",
    "Content-Type: application/json",
    "Accept: application/json, text/event-stream",
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
    ...more,
    `Content-Length: ${Buffer.byteLength(body.replaceAll("{{id}}", "#".repeat(10)))}`,
  ];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

function post(caller: Caller, { revision, method, params, session }: Message): string {
  const isModern = revision === "2026-07-28";
  const name = typeof params["name"] === "string" ? [`Mcp-Name: ${params["name"]}`] : [];
  const own = isModern ? [`Mcp-Method: ${method}`, ...name] : [];
  const meta = {
    "io.modelcontextprotocol/protocolVersion": revision,
    "io.modelcontextprotocol/clientInfo": clientInfo,
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const known = params["_meta"] as Readonly<Record<string, unknown>> | undefined;
  const all = isModern ? { ...params, _meta: { ...known, ...meta } } : params;
  const body = JSON.stringify({ jsonrpc: "2.0", id: "@", method, params: all }).replaceAll('"@"', "{{id}}");
  const headers = [
    `MCP-Protocol-Version: ${revision}`,
    ...own,
    ...(session ? [`Mcp-Session-Id: ${session}`] : []),
  ];
  return toText("POST /mcp", caller, method === "initialize" ? [] : headers, body);
}

const smallCall = {
  method: "tools/call",
  params: { name: "random_number_tool", arguments: { min: 7, max: 7 } },
};
const progressCall = {
  method: "tools/call",
  params: { name: "reverse_tool", arguments: { query: "abcdefghij" }, _meta: { progressToken: "@" } },
};
const initialize = {
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo },
};

const modern = (message: Pick<Message, "method" | "params">) => (caller: Caller) => [
  { text: post(caller, { revision: "2026-07-28", ...message }), status: 200 },
];
const legacy = (message: Pick<Message, "method" | "params">) => (caller: Caller) => [
  { text: post(caller, { revision: "2025-11-25", session: caller.session, ...message }), status: 200 },
];

/** The small call over REST. It has no id, so that one answer is like another. */
const restCall = (caller: Caller): LoadStep => ({
  text: toText(
    `POST /api/tools/${smallCall.params.name}`,
    caller,
    [],
    JSON.stringify(smallCall.params.arguments),
  ),
  status: 200,
});

/** A signature of its own for each request, of a good one's length and form. */
export function forgeToken(token: string): string {
  const at = token.lastIndexOf(".") + 100;
  return `${token.slice(0, at)}{{id}}${token.slice(at + 10)}`;
}

/** What opens a session; its answer carries the id. */
export const openSessionStep = (caller: Caller): LoadStep => ({
  text: post(caller, { revision: "2025-11-25", ...initialize }),
  status: 200,
});

const refused =
  (status: number, change: (token: string) => string | undefined): Scenario["steps"] =>
  (caller) => [
    {
      text: post({ ...caller, token: change(caller.token ?? "") }, { revision: "2026-07-28", ...smallCall }),
      status,
    },
  ];

/** All of them, in the order of the table. */
export const scenarios: readonly Scenario[] = [
  { name: "small call, 2026-07-28", steps: modern(smallCall), rivals: ["sdk-modern", "sdk-modern-tuned"] },
  {
    name: "small call, 2025-11-25 session",
    steps: legacy(smallCall),
    rivals: ["sdk-express"],
    hasSession: true,
  },
  { name: "small call, REST", steps: (caller) => [restCall(caller)], rivals: [] },
  {
    name: "tools/list, 2026-07-28",
    steps: modern({ method: "tools/list", params: {} }),
    rivals: ["sdk-modern", "sdk-modern-tuned"],
  },
  {
    name: "tools/list, 2025-11-25 session",
    steps: legacy({ method: "tools/list", params: {} }),
    rivals: ["sdk-express"],
    hasSession: true,
  },
  { name: "call with progress, 2026-07-28", steps: modern(progressCall), rivals: [] },
  { name: "call with progress, 2025-11-25", steps: legacy(progressCall), rivals: [], hasSession: true },
  {
    name: "new session, call, end",
    rivals: ["sdk-express"],
    steps: (caller) => [
      openSessionStep(caller),
      { text: post(caller, { revision: "2025-11-25", session: "{{session}}", ...smallCall }), status: 200 },
      {
        text: toText(
          "DELETE /mcp",
          caller,
          ["MCP-Protocol-Version: 2025-11-25", "Mcp-Session-Id: {{session}}"],
          "",
        ),
        status: 200,
      },
    ],
  },
  { name: "401, no token", steps: refused(401, () => undefined), rivals: [] },
  { name: "401, malformed token", steps: refused(401, () => "x".repeat(40)), rivals: [] },
  { name: "401, forged signature", steps: refused(401, forgeToken), rivals: [] },
];

/** The calls of which a thousand run at once. */
export const progressScenarios = scenarios.filter(({ name }) => name.startsWith("call with progress"));
