/** What the client sends: a request has an id, a notification has none. */
export interface OutgoingMessage {
  readonly method: string;
  readonly id: string | number | undefined;
}

/** A JSON-RPC error object (JSON-RPC 2.0 section 5.1). */
export interface RpcError {
  readonly code: number;
  readonly message: string;
}

/** The answer to one request. */
export interface RpcAnswer {
  /** Null when the server could not read the request's id. */
  readonly id: string | number | null;
  readonly error: RpcError | undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads JSON, or gives undefined. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Finds out what an outgoing body is; undefined for anything but a single message with a method. */
export function describeOutgoing(body: unknown): OutgoingMessage | undefined {
  const message = typeof body === "string" ? parseJson(body) : undefined;
  if (!isRecord(message) || typeof message["method"] !== "string") return undefined;
  const id = message["id"];
  return { method: message["method"], id: typeof id === "string" || typeof id === "number" ? id : undefined };
}

/** Whether the value is a JSON-RPC message of any kind. */
export function isRpcMessage(value: unknown): boolean {
  return isRecord(value) && value["jsonrpc"] === "2.0";
}

/** Reads a JSON-RPC answer, or gives undefined for any other value. */
export function readAnswer(value: unknown): RpcAnswer | undefined {
  if (!isRecord(value) || value["jsonrpc"] !== "2.0" || "method" in value) return undefined;
  const id = value["id"];
  const known = typeof id === "string" || typeof id === "number" ? id : null;
  const error = value["error"];
  if (isRecord(error) && typeof error["code"] === "number") {
    const message = error["message"];
    return { id: known, error: { code: error["code"], message: typeof message === "string" ? message : "" } };
  }
  return "result" in value && known !== null ? { id: known, error: undefined } : undefined;
}
