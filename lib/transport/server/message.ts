import { AppError } from "../../base/errors.ts";

/** `id` of a JSON-RPC request. */
export type RequestId = string | number;

/** A request's id and its progress token come back with every message about it. */
const maxIdentifierLength = 256;

/** Whether it is an id or a progress token by its type, and of a length that is served. */
export function isShortIdentifier(value: unknown): value is RequestId {
  return typeof value === "number" || (typeof value === "string" && value.length <= maxIdentifierLength);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isRequestId(id: unknown): id is RequestId {
  return typeof id === "string" || typeof id === "number";
}

/** The method of a message; undefined for batches and for what is no message. */
export function readMethod(body: unknown): string | undefined {
  return isObject(body) && typeof body["method"] === "string" ? body["method"] : undefined;
}

/** Whether an answer is asked for: by a request, or by a batch, which may hold one. */
export function isRequest(body: unknown): boolean {
  return Array.isArray(body) || (readMethod(body) !== undefined && isObject(body) && "id" in body);
}

/** The ids of the requests in a message or a batch, in their order. */
export function readRequestIds(body: unknown): readonly RequestId[] {
  return (Array.isArray(body) ? body : [body]).flatMap((message: unknown) => {
    if (!isObject(message) || readMethod(message) === undefined) return [];
    const { id } = message;
    return isRequestId(id) ? [id] : [];
  });
}

/** The request that a `notifications/cancelled` is about; undefined for any other message. */
export function readCancelledId(body: unknown): RequestId | undefined {
  if (readMethod(body) !== "notifications/cancelled" || !isObject(body) || !isObject(body["params"])) {
    return undefined;
  }
  const id = body["params"]["requestId"];
  return isRequestId(id) ? id : undefined;
}

/**
 * Refuses identifiers that somebody made long so that every message about the request becomes long, too.
 *
 * @throws `invalid_request`
 */
export function checkIdentifiers(body: unknown): void {
  for (const message of Array.isArray(body) ? body : [body]) {
    if (!isObject(message)) continue;
    const params = isObject(message["params"]) ? message["params"] : {};
    const meta = isObject(params["_meta"]) ? params["_meta"] : {};
    const isLong = [message["id"], meta["progressToken"]].some(
      (value) => typeof value === "string" && value.length > maxIdentifierLength,
    );
    if (isLong) {
      const limit = `${maxIdentifierLength} characters`;
      throw new AppError("invalid_request", `Request ids and progress tokens have ${limit} at most.`);
    }
  }
}
