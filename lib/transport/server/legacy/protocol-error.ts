import { AppError, describeErrorCode } from "../../../base/errors.ts";

/** The SDK answers with `code` and `message` of what a handler throws; its own `McpError` writes the code into both. */
export function toProtocolError(thrown: unknown): Error {
  const isOurs = thrown instanceof AppError;
  const code = isOurs ? describeErrorCode(thrown.code).jsonRpc : -32603;
  return Object.assign(new Error(isOurs ? thrown.message : "The server failed."), { code });
}
