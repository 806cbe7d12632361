import { AppError } from "../../base/errors.ts";
import { isLoopbackHost } from "../../base/loopback.ts";
import { quote } from "../../base/text.ts";
import { headerRefused, tokenRefused, tokenWanted } from "./challenge.ts";
import { readChallenge } from "../../auth/client/bearer-challenge.ts";
import type { AccessTokens } from "./contract.ts";
import type { Operation } from "./operation.ts";

/** Sends one request with these headers. */
export type Send = (headers: Headers) => Promise<Response>;

/**
 * Refuses an endpoint that must not see a token: plain http beyond this machine (DESIGN 5). Whether the token
 * is meant for this server at all is decided where the token comes from, not here.
 *
 * @throws `untrusted_destination`
 */
export function checkMayCarryToken(endpoint: URL): void {
  if (endpoint.protocol === "https:" || isLoopbackHost(endpoint.hostname)) return;
  throw new AppError(
    "untrusted_destination",
    `An access token is not sent to ${quote(endpoint.host)} over plain http, where anybody on the way can read it.`,
    { hint: "Use https://, or --no-auth for a server without sign-in." },
  );
}

/** A token is widened so often for one request at most; then the 403 stands. */
const maxWidenings = 3;

/** What is sent, and for whom. */
export interface AuthorizedRequest {
  readonly headers: Headers;
  readonly signal: AbortSignal;
  /** Nobody waits for this request, so nobody is asked to sign in for it. */
  readonly isAside?: boolean;
  /** A whole `Authorization` header that somebody configured; only without tokens. */
  readonly authorization?: string | undefined;
}

/** Lets the idle time of an operation stand still while its token is got: a person may be signing in. */
export function pauseForTokens(
  tokens: AccessTokens,
  operation: Pick<Operation, "pause" | "touch">,
): AccessTokens {
  const paused = async <T>(work: () => Promise<T>): Promise<T> => {
    operation.pause();
    try {
      return await work();
    } finally {
      operation.touch();
    }
  };
  const { widenToken } = tokens;
  return {
    getToken: (request) => paused(() => tokens.getToken(request)),
    ...(widenToken && { widenToken: (request) => paused(() => widenToken.call(tokens, request)) }),
  };
}

async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => {});
}

async function withToken(headers: Headers, token: string | undefined, send: Send): Promise<Response> {
  const authorized = new Headers(headers);
  if (token !== undefined) authorized.set("Authorization", `Bearer ${token}`);
  return send(authorized);
}

interface Answered {
  readonly response: Response;
  /** The token that it was sent with. */
  readonly used: string | undefined;
}

async function sendAgain(
  { headers, signal, isAside }: AuthorizedRequest,
  { first, rejected, tokens }: { first: Response; rejected: string | undefined; tokens: AccessTokens },
  send: Send,
): Promise<Answered> {
  await discard(first);
  const renewed = await tokens.getToken({
    signal,
    ...(rejected !== undefined && { rejected }),
    ...(!isAside && { challenged: first }),
  });
  if (!renewed || renewed.value === rejected) throw tokenRefused(first);
  const second = await withToken(headers, renewed.value, send);
  if (second.status !== 401) return { response: second, used: renewed.value };
  await discard(second);
  throw tokenRefused(second);
}

/** A 403 says that the request was not run, so it may be sent again with a wider token. */
async function widen(
  { headers, signal }: AuthorizedRequest,
  { answered, tokens }: { answered: Answered; tokens: AccessTokens },
  send: Send,
): Promise<Response> {
  let { response, used } = answered;
  for (let attempt = 0; attempt < maxWidenings && used !== undefined; attempt++) {
    if (response.status !== 403 || readChallenge(response).error !== "insufficient_scope") break;
    const wider = await tokens.widenToken?.({ signal, denied: response, used });
    if (!wider) break;
    await discard(response);
    used = wider.value;
    response = await withToken(headers, used, send);
  }
  return response;
}

/**
 * Sends a request with a bearer token. After a 401 the token is renewed by force once, and the request sent
 * once more: 401 means that it was not run. After a 403 that asks for more scope the token is widened, 3 times at
 * most. The SDK's `AuthProvider` does not say which token was refused, and two calls that fail together would
 * renew twice; so it is done here.
 *
 * @throws `token_refused` after the second 401, `sign_in_required` after a 401 without tokens
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3.1
 */
export async function sendAuthorized(
  request: AuthorizedRequest,
  tokens: AccessTokens | undefined,
  send: Send,
): Promise<Response> {
  const headers = new Headers(request.headers);
  headers.delete("Authorization");
  if (!tokens) {
    const { authorization } = request;
    if (authorization !== undefined) headers.set("Authorization", authorization);
    const response = await send(headers);
    if (response.status !== 401) return response;
    await discard(response);
    throw authorization === undefined ? tokenWanted() : headerRefused(response);
  }
  const own = { ...request, headers };
  const token = await tokens.getToken({ signal: request.signal });
  const first = await withToken(headers, token?.value, send);
  const answered =
    first.status === 401
      ? await sendAgain(own, { first, rejected: token?.value, tokens }, send)
      : { response: first, used: token?.value };
  return request.isAside ? answered.response : widen(own, { answered, tokens }, send);
}
