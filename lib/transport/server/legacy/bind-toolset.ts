import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { programVersion } from "../../../base/version.ts";
import type { Toolset } from "../../../tools/toolset.ts";
import type { BindContext } from "../binders.ts";
import { callToolLegacy } from "./call-tool.ts";

/** Serves a toolset in the revisions 2024-11-05 to 2025-11-25. */
export function bindToolsetLegacy(toolset: Toolset, { principal }: BindContext): Server {
  const server = new Server(
    { name: "mcp-server", title: "MCP server behind Microsoft Entra ID", version: programVersion },
    { capabilities: { tools: {} } },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: toolset.list().map((tool) => ({ ...tool })),
  }));
  server.setRequestHandler(CallToolRequestSchema, ({ params }, extra) =>
    callToolLegacy(toolset, { params, extra, principal }),
  );
  return server;
}
