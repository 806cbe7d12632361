import { ProtocolError } from "@modelcontextprotocol/server";
import { AppError, describeErrorCode } from "../../../base/errors.ts";

/** What a handler throws so that the SDK answers with the error's JSON-RPC code and nothing that is private. */
export function toProtocolError(thrown: unknown): ProtocolError {
  if (!(thrown instanceof AppError)) return new ProtocolError(-32603, "The server failed.");
  return new ProtocolError(describeErrorCode(thrown.code).jsonRpc, thrown.message);
}
