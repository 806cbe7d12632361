import { type AppError, describeErrorCode } from "../../../base/errors.ts";
import { isJsonObject, type JsonObject } from "../../../base/json.ts";

export type RequestId = string | number;

/** A JSON-RPC error object, passed on as it came. */
export interface RpcErrorObject {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** How a request was answered. */
export type Outcome = { readonly result: JsonObject } | { readonly error: RpcErrorObject };

/** What is asked or told, without an id. */
export interface Call {
  readonly method: string;
  readonly params?: JsonObject | undefined;
}

/** One JSON-RPC message of MCP, taken apart. */
export type Message =
  | { readonly kind: "request"; readonly id: RequestId; readonly call: Call }
  | { readonly kind: "notification"; readonly call: Call }
  | { readonly kind: "answer"; readonly id: RequestId | undefined; readonly outcome: Outcome };

/** Whether the value can be a request's id: MCP has no null, and no fractions. */
export function isRequestId(value: unknown): value is RequestId {
  return typeof value === "string" || Number.isSafeInteger(value);
}

function readError(value: unknown): RpcErrorObject | undefined {
  if (!isJsonObject(value) || typeof value["code"] !== "number") return undefined;
  const { code, message, data } = value;
  const text = typeof message === "string" ? message : "";
  return { code, message: text, ...(data !== undefined && { data }) };
}

function readAnswer(value: JsonObject): Message | undefined {
  const { id, result } = value;
  const known = isRequestId(id) ? id : undefined;
  const error = readError(value["error"]);
  if (error) return { kind: "answer", id: known, outcome: { error } };
  return isJsonObject(result) ? { kind: "answer", id: known, outcome: { result } } : undefined;
}

/** Takes a JSON value apart; undefined for what is no message of MCP. Members beyond JSON-RPC's are dropped. */
export function readMessage(value: unknown): Message | undefined {
  if (!isJsonObject(value) || value["jsonrpc"] !== "2.0") return undefined;
  const { id, method, params } = value;
  if (method === undefined) return readAnswer(value);
  if (typeof method !== "string" || !(params === undefined || isJsonObject(params))) return undefined;
  const call = { method, ...(params !== undefined && { params }) };
  if (id === undefined) return { kind: "notification", call };
  return isRequestId(id) ? { kind: "request", id, call } : undefined;
}

/** An error of ours as the host shows it: hosts show the message alone, so what to do stands in it, too. */
export function toRpcError({ code, message, hint, retryAfterSeconds }: AppError): RpcErrorObject {
  const data = { code, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
  const text = hint === undefined ? message : `${message} ${hint}`;
  return { code: describeErrorCode(code).jsonRpc, message: text, data };
}

/** An error answer in JSON-RPC's own words. */
export function rpcError(code: number, message: string, data?: unknown): Outcome {
  return { error: { code, message, ...(data !== undefined && { data }) } };
}

/** JSON-RPC: the method does not exist, or not here. */
export const methodNotFound = -32_601;
/** JSON-RPC: the request makes no sense here. */
export const invalidRequest = -32_600;
/** JSON-RPC: the parameters are wrong. */
export const invalidParams = -32_602;
