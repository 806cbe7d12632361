import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError } from "@modelcontextprotocol/client";
import { AppError, toAppError } from "../../base/errors.ts";
import { rpcFailure } from "./check-answer.ts";
import { parseJson, readAnswer } from "./json-rpc.ts";
import { connectionLost } from "./network-error.ts";
import type { Operation } from "./operation.ts";
import { quoteAtEnd, quoteRemote } from "./remote-text.ts";

/** JSON-RPC: invalid params. MCP answers it for an unknown tool. */
const invalidParams = -32_602;
/** MCP up to 2025-11-25: resource not found. */
const resourceNotFound = -32_002;
const unsupportedVersion = -32_022;

/** Whether the server, and not a check on this side, answered `-32602`. */
export function isInvalidParams(thrown: unknown, operation: Operation): boolean {
  return thrown instanceof ProtocolError && thrown.code === invalidParams && operation.answer === "error";
}

/** Whether the server answered that there is no such resource: `-32002`, from 2026-07-28 on `-32602`. */
export function isNotFound(thrown: unknown, operation: Operation): boolean {
  const isOld = thrown instanceof ProtocolError && thrown.code === resourceNotFound;
  return isOld || isInvalidParams(thrown, operation);
}

/** Our own error in a chain of causes; the SDK wraps what its `fetch` throws while it connects. */
function findAppError(thrown: unknown): AppError | undefined {
  let current = thrown;
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    if (current instanceof AppError) return current;
    current = current.cause;
  }
  return undefined;
}

function explainProtocolError(error: ProtocolError, operation: Operation): AppError {
  const { code, message } = error;
  if (code === unsupportedVersion) {
    return new AppError("protocol_error", "The server speaks no revision of MCP that this client knows.", {
      cause: error,
      hint: "Leave out --protocol, or use a newer version of this program.",
    });
  }
  // The SDK uses the same class where the result does not fit the tool's own output schema.
  if (operation.answer !== "error") {
    const said = `${operation.subject} has a result that is not what the tool promises: ${quoteAtEnd(message)}`;
    return new AppError("protocol_error", said, { cause: error, hint: "This is a fault of the server." });
  }
  return rpcFailure({ code, message });
}

function explainHttpError(error: SdkHttpError): AppError {
  const text = error.data["text"];
  const answer = typeof text === "string" ? readAnswer(parseJson(text)) : undefined;
  if (answer?.error) return rpcFailure(answer.error);
  const message = `The server answers with HTTP ${error.status}, which is not part of MCP.`;
  return new AppError("not_mcp", message, { cause: error });
}

function notOfMcp(operation: Operation, cause: unknown): AppError {
  const detail = cause instanceof Error ? quoteRemote(cause.message) : "";
  return new AppError("protocol_error", `${operation.subject} was answered in a way that is not MCP.`, {
    cause,
    detail: cause instanceof SdkError ? `${cause.code}: ${detail}` : detail,
  });
}

function explainSdkError(error: SdkError, operation: Operation): AppError {
  switch (error.code) {
    case SdkErrorCode.ConnectionClosed:
    case SdkErrorCode.NotConnected:
      return connectionLost(operation, error);
    case SdkErrorCode.EraNegotiationFailed:
      return new AppError(
        "protocol_error",
        "The server does not speak the revision of MCP that was asked for.",
        {
          cause: error,
          hint: "Leave out --protocol.",
        },
      );
    case SdkErrorCode.UnsupportedResultType:
    case SdkErrorCode.InputRequiredRoundsExceeded:
      return new AppError(
        "protocol_error",
        `${operation.subject} needs an answer that this client cannot give.`,
        {
          cause: error,
        },
      );
    default:
      return notOfMcp(operation, error);
  }
}

/** Turns whatever the SDK throws into one error of ours, in one sentence. What ended the operation comes first. */
export function explainError(thrown: unknown, operation: Operation): AppError {
  const known = operation.failure ?? findAppError(thrown);
  if (known) return known;
  if (thrown instanceof SdkHttpError) return explainHttpError(thrown);
  if (thrown instanceof ProtocolError) return explainProtocolError(thrown, operation);
  if (thrown instanceof SdkError) return explainSdkError(thrown, operation);
  // Once the server has answered, it is its answer that a plain error of the SDK is about.
  return operation.answer === undefined ? toAppError(thrown) : notOfMcp(operation, thrown);
}
