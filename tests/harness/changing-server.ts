import { InMemoryServerEventBus, Server as ModernServer } from "@modelcontextprotocol/server";
import { Server as LegacyServer } from "@modelcontextprotocol/sdk/server/index.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { startSdkServer } from "../transport-client/sdk-server.ts";
import { startServer } from "../transport-server/start-server.ts";

const info = { name: "changing", version: "1.0.0" };
const capabilities = { tools: { listChanged: true } };
const describe = (name: string) => ({ name, inputSchema: { type: "object" as const } });
const answer = (name: string) => ({ content: [{ type: "text" as const, text: `${name} ran` }] });

/** A server of 2026-07-28 whose tools change, and which says so. The tools are named; each answers that it ran. */
export function startChangingModern(...names: readonly string[]) {
  let tools = names.map(describe);
  const bus = new InMemoryServerEventBus();
  const modern = () => {
    const server = new ModernServer(info, { capabilities });
    server.setRequestHandler("tools/list", async () => ({ tools }));
    server.setRequestHandler("tools/call", async ({ params }) => answer(params.name));
    return server;
  };
  const server = startServer([], undefined, { modern, bus });
  return {
    url: server.url,
    bus,
    change: (...changed: readonly string[]) => void (tools = changed.map(describe)),
    tell: async () => bus.publish({ kind: "tools_list_changed" }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** As {@link startChangingModern}, with sessions. */
export function startChangingLegacy(...names: readonly string[]) {
  let tools = names.map(describe);
  const sessions: LegacyServer[] = [];
  const legacy = () => {
    const server = new LegacyServer(info, { capabilities });
    server.setRequestHandler(ListToolsRequestSchema, async () => ({ tools }));
    server.setRequestHandler(CallToolRequestSchema, async ({ params }) => answer(params.name));
    sessions.push(server);
    return server;
  };
  const bind = { legacy, modern: () => new ModernServer(info) };
  const server = startSdkServer({ tools: [], eras: "legacy", keepsEvents: true, bind });
  return {
    ...server,
    change: (...changed: readonly string[]) => void (tools = changed.map(describe)),
    tell: async () => void (await Promise.all(sessions.map((session) => session.sendToolListChanged()))),
  };
}

/** One of the two. */
export function startChangingServer(era: "modern" | "legacy", ...names: readonly string[]) {
  return era === "modern" ? startChangingModern(...names) : startChangingLegacy(...names);
}

/** Tells of a change until it was heard: the stream on which it is told may not stand yet. */
export async function tellUntil(server: { tell(): Promise<void> }, heard: Promise<void>): Promise<void> {
  const timer = setInterval(() => void server.tell(), 5);
  await heard;
  clearInterval(timer);
}
