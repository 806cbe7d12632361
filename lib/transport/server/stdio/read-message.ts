import {
  isJSONRPCErrorResponse,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
} from "@modelcontextprotocol/server";
import { AppError } from "../../../base/errors.ts";
import type { Line } from "./line-reader.ts";
import type { RequestId } from "./pending-requests.ts";

const batchRevision = "2025-03-26";
/** As the SDK allows in one HTTP request. */
const maxBatchMessages = 100;

/** What a line holds: nothing, something in JSON, or what is wrong with it. */
export type LineContent =
  | { readonly kind: "empty" }
  | { readonly kind: "json"; readonly value: unknown }
  | { readonly kind: "refused"; readonly error: AppError };

/** Reads a line as JSON. */
export function readLine(line: Line, maxLineBytes: number): LineContent {
  if (line === undefined) {
    const error = new AppError("body_too_large", `The line is longer than ${maxLineBytes} bytes.`);
    return { kind: "refused", error };
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(line).trim();
    return text === "" ? { kind: "empty" } : { kind: "json", value: JSON.parse(text) };
  } catch (cause) {
    return {
      kind: "refused",
      error: new AppError("invalid_json", "The line is not valid JSON.", { cause }),
    };
  }
}

/** Says why a batch is not taken. */
export function checkBatch(values: readonly unknown[], protocolVersion: unknown): AppError | undefined {
  if (protocolVersion !== batchRevision) {
    return new AppError("batch_not_supported", `Batches exist in revision ${batchRevision} alone.`);
  }
  if (values.length === 0) return new AppError("invalid_request", "The batch is empty.");
  if (values.length <= maxBatchMessages) return undefined;
  return new AppError("invalid_request", `A batch has ${maxBatchMessages} messages at most.`);
}

/** Whether the value is a JSON-RPC message as MCP has them: ids are never null, `params` is an object. */
export function isMessage(value: unknown): value is JSONRPCMessage {
  return (
    isJSONRPCRequest(value) ||
    isJSONRPCNotification(value) ||
    isJSONRPCResultResponse(value) ||
    isJSONRPCErrorResponse(value)
  );
}

/** Whether it is an answer, or a bad try at one: that must not be answered. */
export function isMeantAsAnswer(value: unknown): boolean {
  if (typeof value !== "object" || value === null || "method" in value) return false;
  return "result" in value || "error" in value;
}

/** The id of a request, also of one that is otherwise no good. */
export function readId(value: unknown): RequestId | undefined {
  const id = typeof value === "object" && value !== null && "id" in value ? value.id : undefined;
  return typeof id === "string" || (typeof id === "number" && Number.isSafeInteger(id)) ? id : undefined;
}

/** The request that a message cancels. */
export function readCancelled(message: JSONRPCMessage): RequestId | undefined {
  if (!isJSONRPCNotification(message) || message.method !== "notifications/cancelled") return undefined;
  return readId({ id: message.params?.["requestId"] });
}
