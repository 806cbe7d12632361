import { type AppError, describeErrorCode, type ErrorCode } from "../../base/errors.ts";

/** `error` of a JSON-RPC answer: code and reason by the error's code, its message and hint for people. */
export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data: { readonly reason: ErrorCode };
}

/** Says an error in JSON-RPC. */
export function toRpcError({ code, message, hint }: AppError): RpcError {
  const said = hint === undefined ? message : `${message} ${hint}`;
  return { code: describeErrorCode(code).jsonRpc, message: said, data: { reason: code } };
}

/**
 * The HTTP answer to a request that did not reach a tool: status by the error's code, a JSON-RPC error as body.
 *
 * @param id of the JSON-RPC request. Without one the body has none either: MCP, unlike JSON-RPC 2.0, knows no null
 * @see MCP 2025-11-25 basic/transports, "a JSON-RPC error response that has no id"
 */
export function toErrorAnswer(error: AppError, id?: string | number): Response {
  const { status } = describeErrorCode(error.code);
  const headers = new Headers({ "cache-control": "no-store" });
  if (error.retryAfterSeconds !== undefined) headers.set("retry-after", String(error.retryAfterSeconds));
  const body = { jsonrpc: "2.0", error: toRpcError(error), id };
  return Response.json(body, { status, headers });
}
