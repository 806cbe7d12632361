import { type AppError, describeErrorCode } from "../../base/errors.ts";

/**
 * The HTTP answer to a request that did not reach a tool: status by the error's code, a JSON-RPC error as body.
 *
 * @param id of the JSON-RPC request. Without one the body has none either: MCP, unlike JSON-RPC 2.0, knows no null
 * @see MCP 2025-11-25 basic/transports, "a JSON-RPC error response that has no id"
 */
export function toErrorAnswer(error: AppError, id?: string | number): Response {
  const { status, jsonRpc } = describeErrorCode(error.code);
  const headers = new Headers({ "cache-control": "no-store" });
  if (error.retryAfterSeconds !== undefined) headers.set("retry-after", String(error.retryAfterSeconds));
  const message = error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
  const body = { jsonrpc: "2.0", error: { code: jsonRpc, message, data: { reason: error.code } }, id };
  return Response.json(body, { status, headers });
}
