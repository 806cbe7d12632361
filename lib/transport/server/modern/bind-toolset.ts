import { Server } from "@modelcontextprotocol/server";
import { programVersion } from "../../../base/version.ts";
import type { Toolset } from "../../../tools/toolset.ts";
import type { BindContext } from "../binders.ts";
import { callToolModern } from "./call-tool.ts";

/** How long clients may keep a list, in milliseconds. The tools of a running server never change. */
const listTtlMs = 60_000;

/** Serves a toolset in revision 2026-07-28. */
export function bindToolsetModern(toolset: Toolset, { principal }: BindContext): Server {
  const server = new Server(
    { name: "mcp-server", title: "MCP server behind Microsoft Entra ID", version: programVersion },
    {
      capabilities: { tools: {} },
      cacheHints: {
        "tools/list": { ttlMs: listTtlMs, cacheScope: "private" },
        "server/discover": { ttlMs: listTtlMs, cacheScope: "private" },
      },
    },
  );
  server.setRequestHandler("tools/list", () => ({ tools: toolset.list().map((tool) => ({ ...tool })) }));
  server.setRequestHandler("tools/call", ({ params }, context) =>
    callToolModern(toolset, { params, context, principal }),
  );
  return server;
}
