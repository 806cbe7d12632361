import { AppError } from "../../base/errors.ts";
import { isLoopbackHost } from "../../base/loopback.ts";
import { quote } from "../../base/text.ts";
import { tokenRefused, tokenWanted } from "./challenge.ts";
import type { AccessTokens } from "./contract.ts";

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

async function withToken(headers: Headers, token: string, send: Send): Promise<Response> {
  const authorized = new Headers(headers);
  authorized.set("Authorization", `Bearer ${token}`);
  return send(authorized);
}

/**
 * Sends a request with a bearer token. After a 401 the token is renewed by force once, and the request sent
 * once more: 401 means that it was not run. The SDK's `AuthProvider` does not say which token was refused,
 * and two calls that fail together would renew twice; so it is done here.
 *
 * @throws `token_refused` after the second 401, `sign_in_required` after a 401 without tokens
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3.1
 */
export async function sendAuthorized(
  request: { readonly headers: Headers; readonly signal: AbortSignal },
  tokens: AccessTokens | undefined,
  send: Send,
): Promise<Response> {
  const headers = new Headers(request.headers);
  headers.delete("Authorization");
  if (!tokens) {
    const response = await send(headers);
    if (response.status !== 401) return response;
    await response.body?.cancel().catch(() => {});
    throw tokenWanted();
  }
  const { signal } = request;
  const { value } = await tokens.getToken({ signal });
  const first = await withToken(headers, value, send);
  if (first.status !== 401) return first;
  await first.body?.cancel().catch(() => {});
  const renewed = await tokens.getToken({ signal, rejected: value });
  if (renewed.value === value) throw tokenRefused(first);
  const second = await withToken(headers, renewed.value, send);
  if (second.status !== 401) return second;
  await second.body?.cancel().catch(() => {});
  throw tokenRefused(second);
}
