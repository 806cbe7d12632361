import { ProtocolError, Server } from "@modelcontextprotocol/server";
import { AppError, describeErrorCode } from "../../../base/errors.ts";
import { programVersion } from "../../../base/version.ts";
import type { Toolset } from "../../../tools/toolset.ts";
import type { BindContext } from "../binders.ts";
import { createProgressSender } from "../progress-sender.ts";

/** How long clients may keep a list, in milliseconds. The tools of a running server never change. */
const listTtlMs = 60_000;

function toProtocolError(thrown: unknown): unknown {
  if (!(thrown instanceof AppError)) return new ProtocolError(-32603, "The server failed.");
  return new ProtocolError(describeErrorCode(thrown.code).jsonRpc, thrown.message);
}

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
  server.setRequestHandler("tools/call", async ({ params }, context) => {
    const { onProgress, flush } = createProgressSender(context.mcpReq._meta?.progressToken, (update) =>
      context.mcpReq.notify({ method: "notifications/progress", params: update }),
    );
    const { signal } = context.mcpReq;
    try {
      const { content, ...result } = await toolset.call(params.name, params.arguments, {
        signal,
        principal,
        onProgress,
      });
      await flush();
      return { ...result, content: [...content] };
    } catch (thrown) {
      throw toProtocolError(thrown);
    }
  });
  return server;
}
