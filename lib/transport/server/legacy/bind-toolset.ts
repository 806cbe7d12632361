import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js";
import {
  CallToolRequestSchema,
  ListToolsRequestSchema,
  McpError,
  type ServerNotification,
  type ServerRequest,
} from "@modelcontextprotocol/sdk/types.js";
import { AppError, describeErrorCode } from "../../../base/errors.ts";
import { programVersion } from "../../../base/version.ts";
import type { Toolset } from "../../../tools/toolset.ts";
import type { BindContext } from "../binders.ts";
import { createOrderedSender } from "../send-in-order.ts";
import { readPrincipal } from "./auth-info.ts";

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

function createProgressSender({ _meta, sendNotification }: Extra) {
  const progressToken = _meta?.progressToken;
  const sender = createOrderedSender((params: { progressToken: string | number; progress: number }) =>
    sendNotification({ method: "notifications/progress", params }),
  );
  if (progressToken === undefined) return { flush: sender.flush, onProgress: undefined };
  return {
    flush: sender.flush,
    onProgress: (update: { progress: number }) => sender.send({ progressToken, ...update }),
  };
}

function toMcpError(thrown: unknown): unknown {
  if (!(thrown instanceof AppError)) return new McpError(-32603, "The server failed.");
  return new McpError(describeErrorCode(thrown.code).jsonRpc, thrown.message);
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
    const { onProgress, flush } = createProgressSender(extra);
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
      throw toMcpError(thrown);
    }
  });
  return server;
}
