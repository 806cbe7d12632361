import { type Abortable, limitTime } from "../../base/abort.ts";
import { AppError } from "../../base/errors.ts";
import { explainUnreachable } from "../../base/network-error.ts";
import { readCapped } from "../../base/read-capped.ts";
import { quote } from "../../base/text.ts";
import { verifiedFetch } from "../../base/verified-fetch.ts";

/** The part of the global `fetch` that is used here. Tests bring their own. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** A request whose answer is JSON. */
export interface JsonRequest extends Abortable {
  /** Default `GET`. */
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds for the whole exchange. */
  readonly timeoutMs: number;
  /** Cap on the answer's body. */
  readonly maxBytes: number;
  /** Who is asked, as the subject of an error's sentence, e.g. `The server`. */
  readonly party: string;
  /** Default: {@link verifiedFetch}. */
  readonly fetch?: Fetch | undefined;
}

/** An answer whose body was read. */
export interface JsonAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body; undefined when it is not JSON. */
  readonly body: unknown;
}

async function readText(response: Response, { maxBytes, party }: JsonRequest): Promise<string> {
  const bytes = await readCapped(response.body, { maxBytes });
  if (!bytes) throw new AppError("protocol_error", `${party} sent an answer that is too large.`);
  return new TextDecoder().decode(bytes);
}

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function describeFailure(url: string, request: JsonRequest, thrown: unknown): unknown {
  if (request.signal?.aborted) return request.signal.reason;
  if (thrown instanceof AppError) return thrown;
  const who = `${request.party} at ${quote(new URL(url).origin)}`;
  if (thrown instanceof DOMException && thrown.name === "TimeoutError") {
    const seconds = request.timeoutMs / 1000;
    return new AppError("timeout", `${who} did not answer within ${seconds} s.`, { cause: thrown });
  }
  const hint = "Check the address and the network, then try again.";
  const unknown = new AppError("unreachable", `${who} cannot be reached.`, { hint, cause: thrown });
  return explainUnreachable(thrown, new URL(url)) ?? unknown;
}

/**
 * Asks for JSON, within a time and a size. Redirects are not followed: their status is returned.
 *
 * @throws `unreachable`, `timeout`, `protocol_error`; the signal's reason when the caller aborts
 */
export async function fetchJson(url: string, request: JsonRequest): Promise<JsonAnswer> {
  const send = request.fetch ?? verifiedFetch;
  try {
    const response = await send(url, {
      method: request.method ?? "GET",
      headers: { ...request.headers },
      ...(request.body === undefined ? {} : { body: request.body }),
      redirect: "manual",
      signal: limitTime(request.timeoutMs, request.signal),
    });
    const body = parseOrNothing(await readText(response, request));
    return { status: response.status, headers: response.headers, body };
  } catch (error) {
    throw describeFailure(url, request, error);
  }
}

/** Whether a parsed JSON value is an object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
