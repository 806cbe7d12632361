import { builtInTools } from "../../lib/tools/built-in.ts";
import type { Tool } from "../../lib/tools/tool.ts";
import { exchangeRaw } from "./raw-socket.ts";
import { createPrincipal, type ServerChanges, startServer } from "./start-server.ts";

/** One revision of each family; every line of the tables is tried in both where both apply. */
export const revisions = ["2025-11-25", "2026-07-28"] as const;
export type Revision = (typeof revisions)[number];

type Json = Record<string, unknown>;

/** A request, as its bytes: a test bends one part of a good one. */
export interface RawRequest {
  readonly method?: string;
  readonly path?: string;
  /** Beside those of a good request; undefined leaves one out, a list sends it more than once. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body?: string;
}

/** An answer, read from its bytes. */
export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Of a JSON-RPC error. */
  readonly code: number | undefined;
  readonly reason: string | undefined;
}

function parseAnswer(text: string): RawAnswer {
  const end = text.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = text.slice(0, end).split("\r\n");
  const body = text.slice(end + 4);
  const headers = lines.map((line) => [
    line.slice(0, line.indexOf(":")).toLowerCase(),
    line.slice(line.indexOf(":") + 1).trim(),
  ]);
  const code = /"error":\{"code":(-\d+)/.exec(body)?.[1];
  return {
    status: Number(statusLine.split(" ")[1]),
    headers: Object.fromEntries(headers) as Record<string, string>,
    body,
    code: code === undefined ? undefined : Number(code),
    reason: /"reason":"(\w+)"/.exec(body)?.[1],
  };
}

function toBytes({ method = "POST", path = "/mcp", headers = {}, body = "" }: RawRequest): string {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one) => `${name}: ${one}\r\n`),
  );
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`;
}

/** Sends the bytes of a request and reads the answer to its end. */
export async function sendRawRequest(origin: string, request: RawRequest): Promise<RawAnswer> {
  return parseAnswer(await exchangeRaw(origin, toBytes(request)));
}

/** A JSON-RPC message as a client of this revision writes it. */
export function messageOf(revision: Revision, { params, ...message }: Json): Json {
  const envelope = {
    "io.modelcontextprotocol/protocolVersion": revision,
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const _meta = revision === "2026-07-28" ? { _meta: envelope } : {};
  return { jsonrpc: "2.0", ...message, params: { ...(params as Json | undefined), ..._meta } };
}

function headersOf(revision: Revision, { method, params }: Json): Record<string, string> {
  if (revision !== "2026-07-28") return { "MCP-Protocol-Version": revision };
  const name = (params as Json | undefined)?.["name"];
  return {
    "MCP-Protocol-Version": revision,
    "Mcp-Method": String(method),
    ...(typeof name === "string" ? { "Mcp-Name": name } : {}),
  };
}

export const toolsList = { id: 1, method: "tools/list" };
export const toolsCall = {
  id: 1,
  method: "tools/call",
  params: { name: "random_number_tool", arguments: { min: 7, max: 7 } },
};

const initialize = {
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } },
};

/**
 * A server with the callers alice and bob, and for alice a way to send good requests of a revision that a test
 * bends; in the older one within her session.
 */
export async function openRaw(
  revision: Revision,
  tools: readonly Tool[] = builtInTools({ reverseSeconds: 0 }),
  changes: ServerChanges = {},
) {
  const server = startServer(tools, [createPrincipal("alice"), createPrincipal("bob")], changes);
  const common = {
    Host: "localhost",
    Connection: "close",
    Authorization: "Bearer alice",
    "Content-Type": "application/json",
    Accept: "application/json, text/event-stream",
  };
  function send(message: Json, { headers = {}, ...bent }: RawRequest = {}): Promise<RawAnswer> {
    const body = bent.body ?? JSON.stringify(messageOf(revision, message));
    return sendRawRequest(server.origin, {
      ...bent,
      headers: {
        ...common,
        ...session,
        ...headersOf(revision, message),
        "Content-Length": String(Buffer.byteLength(body)),
        ...headers,
      },
      body,
    });
  }
  let session: Record<string, string> = {};
  if (revision === "2025-11-25") {
    const opened = await send(initialize, { body: JSON.stringify(initialize) });
    session = { "Mcp-Session-Id": opened.headers["mcp-session-id"] ?? "" };
  }
  return { server, send, session, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}
