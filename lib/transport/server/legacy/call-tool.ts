import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js";
import type {
  CallToolRequest,
  CallToolResult,
  ServerNotification,
  ServerRequest,
} from "@modelcontextprotocol/sdk/types.js";
import type { Principal } from "../../../base/principal.ts";
import type { Toolset } from "../../../tools/toolset.ts";
import { readPrincipal } from "../auth-info.ts";
import { toCallResult } from "../call-result.ts";
import { createProgressSender } from "../progress-sender.ts";
import { toProtocolError } from "./protocol-error.ts";

/** One `tools/call` of the revisions 2024-11-05 to 2025-11-25. */
export interface LegacyToolCall {
  readonly params: CallToolRequest["params"];
  readonly extra: RequestHandlerExtra<ServerRequest, ServerNotification>;
  /** Who opened the session; the request's own caller goes before. */
  readonly principal: Principal | undefined;
}

/**
 * Calls a tool of a toolset and sends its progress ahead of its result.
 *
 * @throws `Error` with a JSON-RPC `code` for an unknown tool and for failures of the server
 */
export async function callToolLegacy(toolset: Toolset, call: LegacyToolCall): Promise<CallToolResult> {
  const { params, extra } = call;
  const { onProgress, flush } = createProgressSender(extra._meta?.progressToken, (update) =>
    extra.sendNotification({ method: "notifications/progress", params: update }),
  );
  const principal = readPrincipal(extra.authInfo) ?? call.principal;
  try {
    const context = { signal: extra.signal, principal, onProgress };
    const result = await toolset.call(params.name, params.arguments, context);
    await flush();
    return toCallResult(result);
  } catch (thrown) {
    throw toProtocolError(thrown);
  }
}
