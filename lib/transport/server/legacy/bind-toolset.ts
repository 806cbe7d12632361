import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { AppError, describeErrorCode } from "../../../base/errors.ts";
import { programVersion } from "../../../base/version.ts";
import type { Toolset } from "../../../tools/toolset.ts";
import { readPrincipal } from "../auth-info.ts";
import type { BindContext } from "../binders.ts";
import { createProgressSender } from "../progress-sender.ts";

/** The SDK answers with `code` and `message` of what a handler throws; its own `McpError` writes the code into both. */
function toRpcError(thrown: unknown): Error {
  const isOurs = thrown instanceof AppError;
  const code = isOurs ? describeErrorCode(thrown.code).jsonRpc : -32603;
  return Object.assign(new Error(isOurs ? thrown.message : "The server failed."), { code });
}

/** Serves a toolset in the revisions 2024-11-05 to 2025-11-25. */
export function bindToolsetLegacy(toolset: Toolset, { principal }: BindContext): Server {
  const server = new Server(
    { name: "mcp-server", title: "MCP server behind Microsoft Entra ID", version: programVersion },
    { capabilities: { tools: {} } },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: toolset.list().map((tool) => ({ ...tool })),
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    const { onProgress, flush } = createProgressSender(extra._meta?.progressToken, (update) =>
      extra.sendNotification({ method: "notifications/progress", params: update }),
    );
    const context = {
      signal: extra.signal,
      principal: readPrincipal(extra.authInfo) ?? principal,
      onProgress,
    };
    try {
      const { content, ...result } = await toolset.call(params.name, params.arguments, context);
      await flush();
      return { ...result, content: [...content] };
    } catch (thrown) {
      throw toRpcError(thrown);
    }
  });
  return server;
}
