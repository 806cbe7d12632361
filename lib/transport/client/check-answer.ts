import { AppError } from "../../base/errors.ts";
import { quote } from "../../base/text.ts";
import { accessDenied } from "./challenge.ts";
import { isRpcMessage, parseJson, readAnswer, type RpcError } from "./json-rpc.ts";
import { quoteAtEnd, quoteRemote, readRefusal } from "./remote-text.ts";

/** What is known about the request that was answered. */
export interface AnsweredRequest {
  readonly url: URL;
  /** It named a session. */
  readonly hasSession: boolean;
  /** It asks which revisions the server speaks: a client error is an answer to that, not a failure. */
  readonly isProbe: boolean;
}

/** The error for an address at which there is no MCP server. */
export function notMcp(url: URL, detail: string): AppError {
  const address = quote(`${url.origin}${url.pathname}`, 200);
  return new AppError("not_mcp", `${address} answers, but not as an MCP server (${detail}).`, {
    hint: url.pathname === "/" ? "Did you forget /mcp at the end of the address?" : "Check the address.",
  });
}

/** The error for a JSON-RPC error that the server answered. */
export function rpcFailure({ code, message }: RpcError): AppError {
  return new AppError("protocol_error", `The server answers with the error ${code}: ${quoteAtEnd(message)}`);
}

/** Reads `Retry-After`: seconds or a date (RFC 9110 section 10.2.3), at most a day. */
function readRetryAfter(response: Response): { retryAfterSeconds?: number } {
  const text = response.headers.get("retry-after")?.trim() ?? "";
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - Date.now()) / 1000);
  return Number.isFinite(seconds) ? { retryAfterSeconds: Math.min(Math.max(seconds, 0), 86_400) } : {};
}

function rateLimited(response: Response): AppError {
  const when = readRetryAfter(response);
  const hint =
    when.retryAfterSeconds === undefined ? "Try again later." : `Try again in ${when.retryAfterSeconds} s.`;
  return new AppError("rate_limited", "The server takes no more requests for now (HTTP 429).", {
    ...when,
    hint,
  });
}

function serverFailed(response: Response): AppError {
  return new AppError("server_failed", `The server failed (HTTP ${response.status}).`, {
    ...readRetryAfter(response),
    hint: "Try again later; its operator finds the reason in its log.",
  });
}

function checkRedirect(response: Response, url: URL): AppError | undefined {
  const target = URL.parse(response.headers.get("location") ?? "", url.href);
  const keepsMethod = response.status === 307 || response.status === 308;
  // The SDK follows these; the token stays where it was meant to go.
  if (keepsMethod && target?.origin === url.origin) return undefined;
  const where = target ? quoteRemote(`${target.origin}${target.pathname}`) : "another address";
  return new AppError("not_mcp", `${quote(url.host)} redirects to ${where}, which is not followed.`, {
    hint: "If you trust that address, give it as the server's.",
  });
}

/** @param cause what is wrong if a new session does not help */
function sessionNotFound(cause?: AppError): AppError {
  return new AppError("session_not_found", "The server does not know this session any more.", { cause });
}

async function checkClientError(response: Response, request: AnsweredRequest): Promise<Response> {
  const text = await readRefusal(response);
  const passedOn = () => new Response(text, { status: response.status, headers: response.headers });
  if (request.isProbe) return passedOn();
  if (response.status === 404 && request.hasSession) throw sessionNotFound();
  const answer = readAnswer(parseJson(text));
  // The SDK must see this one: it may send the request again with the headers that the server missed.
  if (response.status === 400 && answer?.error && answer.id !== null) return passedOn();
  const refusal = answer?.error ? rpcFailure(answer.error) : notMcp(request.url, `HTTP ${response.status}`);
  // Many servers answer 400 to a session that they lost, as the SDK's examples do. It names no request: none was run.
  throw response.status === 400 && request.hasSession ? sessionNotFound(refusal) : refusal;
}

/**
 * Looks at the status of an answer to a POST. 401 is not handled here.
 *
 * @returns the answer, for the SDK to go on with
 * @throws `access_denied`, `rate_limited`, `server_failed`, `not_mcp`, `protocol_error`, `session_not_found`
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management
 */
export async function checkStatus(response: Response, request: AnsweredRequest): Promise<Response> {
  const { status } = response;
  if (status < 300) return response;
  if (status === 403) {
    const reason = readAnswer(parseJson(await readRefusal(response)))?.error?.message;
    throw accessDenied(response, reason);
  }
  if (status >= 400 && status < 500 && status !== 429) return checkClientError(response, request);
  const refusal =
    status === 429
      ? rateLimited(response)
      : status >= 500
        ? serverFailed(response)
        : checkRedirect(response, request.url);
  await response.body?.cancel().catch(() => {});
  if (refusal) throw refusal;
  return new Response(null, { status, headers: response.headers });
}

/**
 * Looks at a JSON answer: it must be the answer to this request, or the caller would wait for ever.
 *
 * @throws `not_mcp` for anything but JSON-RPC, `protocol_error` for another request's answer
 */
export function checkJsonAnswer(text: string, id: string | number, url: URL): "result" | "error" {
  const body = parseJson(text);
  const messages = Array.isArray(body) ? body : [body];
  if (!messages.some(isRpcMessage)) {
    throw notMcp(url, body === undefined ? "its answer is not JSON" : "its JSON is not JSON-RPC");
  }
  const answers = messages.map(readAnswer).filter((answer) => answer !== undefined);
  const ours = answers.find((answer) => answer.id === id);
  if (ours) return ours.error ? "error" : "result";
  const unaddressed = answers.find((answer) => answer.id === null);
  if (unaddressed?.error) throw rpcFailure(unaddressed.error);
  throw new AppError("protocol_error", "The server answers another request than the one that was sent.");
}
