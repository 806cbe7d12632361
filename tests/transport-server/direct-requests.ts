import { messageOf, type Revision } from "./raw-request.ts";

type Json = Record<string, unknown>;

/** A `tools/call` that is bent in one place. */
export type Bend = readonly [name: string, bend: (call: BentCall) => BentCall];

/** A request on its way to be sent. */
export interface BentCall {
  /** A JSON-RPC message, or a batch. */
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

const identifiers: readonly unknown[] = [
  "a",
  "",
  "7",
  "x".repeat(256),
  "x".repeat(257),
  "ü\u0000\u2028",
  "\ud800",
  0,
  -1,
  1.5,
  -0,
  2 ** 53 - 1,
  2 ** 53,
  1e300,
  null,
  true,
  {},
  [],
  undefined,
];

const meta = "io.modelcontextprotocol/";

/** Values for one place of the message; undefined leaves it out. */
const places: readonly (readonly [path: string, values: readonly unknown[]])[] = [
  ["id", identifiers],
  ["jsonrpc", ["1.0", 2, null, undefined]],
  ["method", ["tools/list", "server/discover", "ping", "tools/call ", "TOOLS/CALL", 1, null, undefined]],
  ["more", [1, null]],
  ["result", [{}]],
  ["params", [null, [], "x", undefined]],
  ["params.name", ["nobody", "", 1, null, undefined, "__proto__", "constructor", "fail", "break", "say"]],
  [
    "params.arguments",
    [
      null,
      [],
      "x",
      {},
      undefined,
      { min: 1 },
      { min: 2, max: 1 },
      { min: "1", max: 2, x: 3 },
      JSON.parse('{"min":7,"max":7,"__proto__":{}}'),
    ],
  ],
  ["params.task", [{}, { ttl: 1 }, null]],
  ["params.inputResponses", [{}, null]],
  ["params.requestState", ["x", null]],
  ["params.cursor", ["x", null]],
  ["params._meta", [null, [], "x", {}, undefined]],
  ["params._meta.progressToken", identifiers],
  ["params._meta.traceparent", ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"]],
  ["params._meta.x", [1]],
  [`params._meta.${meta}protocolVersion`, ["2025-11-25", "2026-07-28", "1999-01-01", 1, null, undefined]],
  [
    `params._meta.${meta}clientInfo`,
    [
      null,
      [],
      "x",
      {},
      undefined,
      { name: "a" },
      { version: "1" },
      { name: 1, version: "1" },
      { name: "a", version: null },
      { name: "a", version: "1" },
      { name: "a", version: "1", title: "t" },
      { name: "a", version: "1", title: 1 },
      { name: "a", version: "1", icons: [] },
      { name: "a", version: "1", icons: "x" },
    ],
  ],
  [
    `params._meta.${meta}clientCapabilities`,
    [
      null,
      [],
      "x",
      undefined,
      { elicitation: {} },
      { elicitation: { form: {} } },
      { elicitation: { form: [] } },
      { elicitation: { form: { applyDefaults: 1 } } },
      { elicitation: { x: {} } },
      { elicitation: null },
      { sampling: {} },
      { sampling: [] },
      { sampling: { tools: {} } },
      { sampling: { tools: 1 } },

      { roots: {} },
      { roots: { listChanged: true } },
      { roots: { listChanged: "yes" } },
      { roots: null },
      { experimental: { x: {} } },
      { extensions: { x: {} } },
      { extensions: { x: 1 } },
      { unknown: {} },
      { constructor: {} },
      { constructor: { x: 1 } },
      { tasks: {} },
    ],
  ],
  [`params._meta.${meta}logLevel`, ["debug", "loud", null]],
  [`params._meta.${meta}related-task`, [{ taskId: "x" }, 1]],
];

const headerValues: Readonly<Record<string, readonly (string | readonly string[] | undefined)[]>> = {
  Accept: [
    "*/*",
    "application/json",
    "text/event-stream",
    "text/event-stream, application/json",
    "",
    undefined,

    "application/json,text/event-stream",
    "application/json, text/event-stream;q=0.5",
    "APPLICATION/JSON",
    ["application/json", "text/event-stream"],
  ],
  "Content-Type": ["application/json; charset=utf-8", "APPLICATION/JSON", "text/plain", "", undefined],
  "MCP-Protocol-Version": [
    "2025-11-25",
    "2025-06-18",
    "2025-03-26",
    "2024-11-05",
    "2026-07-28",
    "1999-01-01",
    "",
    undefined,
    ["2026-07-28", "2025-11-25"],
    " 2026-07-28 ",
  ],
  "Mcp-Method": ["tools/call", "tools/list", "TOOLS/CALL", "", undefined, " tools/call "],
  "Mcp-Name": [
    "random_number_tool",
    "reverse_tool",
    "=?base64?cmFuZG9tX251bWJlcl90b29s?=",
    "=?base64?%?=",
    "",
    undefined,
    " random_number_tool ",
  ],
  "Mcp-Session-Id": ["nobody", "", undefined],
  "Mcp-Param-Min": ["7"],
  "Last-Event-ID": ["x"],
  Origin: ["http://localhost:1", "https://evil.example"],
};

function put(value: unknown, [first = "", ...rest]: readonly string[], put_: unknown): unknown {
  const object = { ...(typeof value === "object" && !Array.isArray(value) ? (value as Json | null) : {}) };
  const next = rest.length === 0 ? put_ : put(object[first], rest, put_);
  if (next === undefined) delete object[first];
  else object[first] = next;
  return object;
}

/** `io.modelcontextprotocol/...` has dots of its own. */
function split(path: string): readonly string[] {
  const at = path.indexOf(meta);
  return at === -1 ? path.split(".") : [...path.slice(0, at - 1).split("."), path.slice(at)];
}

function bendBody(path: string, value: unknown): Bend {
  return [
    `${path} = ${JSON.stringify(value)?.slice(0, 60)}`,
    ({ body, headers }) => ({ body: put(body, split(path), value), headers }),
  ];
}

/** Everything that is bent, one place each. */
export const bends: readonly Bend[] = [
  ["nothing", (call) => call],
  ["a batch", ({ body, headers }) => ({ body: [body], headers })],
  ["a batch of two", ({ body, headers }) => ({ body: [body, { ...(body as Json), id: 99 }], headers })],
  ["an empty batch", ({ headers }) => ({ body: [], headers })],
  ...places.flatMap(([path, values]) => values.map((value) => bendBody(path, value))),
  ...Object.entries(headerValues).flatMap(([name, values]) =>
    values.map((value): Bend => [
      `${name}: ${value}`,
      ({ body, headers }) => ({ body, headers: { ...headers, [name]: value } }),
    ]),
  ),
];

/** The good requests of revision 2026-07-28 that have always the same answer. */
export function goodQuestions(): readonly BentCall[] {
  return ["tools/list", "server/discover"].map((method) => ({
    body: messageOf("2026-07-28", { id: 1, method }),
    headers: { "Mcp-Method": method },
  }));
}

/** The good calls that are bent. */
export function goodCalls(revision: Revision): readonly BentCall[] {
  const calls = [
    { name: "random_number_tool", arguments: { min: 7, max: 7 } },
    { name: "reverse_tool", arguments: { query: "abc" } },
  ];
  return calls.map((params) => ({
    body: messageOf(revision, { id: 1, method: "tools/call", params }),
    headers: revision === "2026-07-28" ? { "Mcp-Method": "tools/call", "Mcp-Name": params.name } : {},
  }));
}
