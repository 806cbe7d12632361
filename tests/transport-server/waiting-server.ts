import { expect } from "bun:test";
import { z } from "zod";
import { builtInTools } from "../../lib/tools/built-in.ts";
import { defineTool } from "../../lib/tools/tool.ts";
import { createPrincipal, type ServerChanges, startServer } from "./start-server.ts";

/** One revision of each family. */
export const eras = ["2025-11-25", "2026-07-28"] as const;
/** A family of revisions. */
export type Era = (typeof eras)[number];

/** Who may come in. */
export const callers = [createPrincipal("alice"), createPrincipal("bob")];
/** Tools that answer at once. */
export const quick = builtInTools({ reverseSeconds: 0 });

/** A tool that waits until it is told to end. */
function createWaitingTool() {
  const waiting: (() => void)[] = [];
  const { promise: cancelled, resolve: onCancel } = Promise.withResolvers<boolean>();
  const tool = defineTool({
    name: "wait",
    title: "Wait",
    description: "Waits.",
    input: z.strictObject({}),
    output: z.strictObject({}),
    async run(_, { signal }) {
      await new Promise<void>((resolve, reject) => {
        const onAbort = () => {
          onCancel(true);
          reject(signal.reason);
        };
        signal.addEventListener("abort", onAbort, { once: true });
        waiting.push(resolve);
      });
      return {};
    },
  });
  const endAll = () => {
    for (const end of waiting.splice(0)) end();
  };
  return { tool, waiting, endAll, cancelled };
}

/** Headers of a request in one era. */
export function headersOf(era: Era, token: string | undefined, more: Record<string, string> = {}) {
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

/** Sends one message. */
export function send(url: string, rpc: Rpc): Promise<Response> {
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

/** Opens a session and gives its id. */
export async function openSession(url: string, token: string | undefined = "alice"): Promise<string> {
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } };
  const response = await send(url, { era: "2025-11-25", method: "initialize", params, token });
  await response.text();
  return response.headers.get("mcp-session-id") ?? "";
}

/** Expects a refusal with that status and reason. */
export async function expectRefusal(response: Response, status: number, reason: string): Promise<void> {
  expect(await response.json()).toMatchObject({ error: { data: { reason } } });
  expect(response.status).toBe(status);
}

/** A call of the waiting tool. */
export const call = { method: "tools/call", params: { name: "wait", arguments: {} } };

/** A server with the waiting tool, and a way to call it in one era. */
export async function openWaiting(era: Era, changes: ServerChanges = {}) {
  const wait = createWaitingTool();
  const server = startServer([wait.tool], callers, changes);
  const sessions = new Map<string, string>();
  let nextId = 100;
  async function start(token = "alice", rpc: Partial<Rpc> = {}): Promise<Response> {
    if (era === "2025-11-25" && !sessions.has(token))
      sessions.set(token, await openSession(server.url, token));
    const session = sessions.get(token);
    // As every client sends it: the direct path takes no call of a session without it.
    const headers = { "mcp-protocol-version": era, ...rpc.headers };
    return send(server.url, {
      era,
      id: nextId++,
      token,
      ...call,
      ...(session ? { session } : {}),
      ...rpc,
      headers,
    });
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
