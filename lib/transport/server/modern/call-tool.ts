import { type CallToolRequest, type CallToolResult, type ServerContext } from "@modelcontextprotocol/server";
import type { Principal } from "../../../base/principal.ts";
import type { Toolset } from "../../../tools/toolset.ts";
import { toCallResult } from "../call-result.ts";
import { createProgressSender } from "../progress-sender.ts";
import { toProtocolError } from "./protocol-error.ts";

/** One `tools/call` of revision 2026-07-28. */
export interface ModernToolCall {
  readonly params: CallToolRequest["params"];
  readonly context: ServerContext;
  readonly principal: Principal | undefined;
}

/**
 * Calls a tool of a toolset and sends its progress ahead of its result.
 *
 * @throws `ProtocolError` for an unknown tool and for failures of the server
 */
export async function callToolModern(toolset: Toolset, call: ModernToolCall): Promise<CallToolResult> {
  const { params, principal } = call;
  const { _meta, notify, signal } = call.context.mcpReq;
  const { onProgress, flush } = createProgressSender(_meta?.progressToken, (update) =>
    notify({ method: "notifications/progress", params: update }),
  );
  try {
    const result = await toolset.call(params.name, params.arguments, { signal, principal, onProgress });
    await flush();
    return toCallResult(result);
  } catch (thrown) {
    throw toProtocolError(thrown);
  }
}
