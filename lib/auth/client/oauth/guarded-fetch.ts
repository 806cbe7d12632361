import { type Abortable, limitTime } from "../../../base/abort.ts";
import { AppError } from "../../../base/errors.ts";
import { isLoopbackHost } from "../../../base/loopback.ts";
import { explainUnreachable } from "../../../base/network-error.ts";
import { readCapped } from "../../../base/read-capped.ts";
import { quote } from "../../../base/text.ts";
import { verifiedFetch } from "../../../base/verified-fetch.ts";
import type { Fetch } from "../fetch-json.ts";

const timeoutMs = 10_000;
const maxBytes = 256 * 1024;

/** What the requests of one sign-in are made for and with. */
export interface OAuthContext extends Abortable {
  /** The MCP server. */
  readonly server: URL;
  /** Default: the global one. */
  readonly fetch?: Fetch | undefined;
}

/**
 * Refuses an address of somebody else's metadata that a sign-in must not use: plain http, and this machine unless
 * the server is on it itself, or a server far away could make us call what listens here.
 *
 * @throws `untrusted_destination`
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization (communication security)
 */
export function checkOAuthAddress(address: string | URL, role: string, server: URL): URL {
  const url = URL.parse(String(address));
  const refuse = (problem: string) => {
    const message = `The server names ${quote(url?.origin ?? String(address))} as ${role}, which ${problem}.`;
    return new AppError("untrusted_destination", message, { hint: "Tell the operator of the server." });
  };
  if (!url || !/^https?:$/.test(url.protocol)) throw refuse("is no web address");
  if (url.username !== "" || url.password !== "") throw refuse("holds a user name or a password");
  const isLocal = isLoopbackHost(url.hostname);
  if (isLocal && !isLoopbackHost(server.hostname)) throw refuse("is on this machine, and the server is not");
  if (url.protocol === "http:" && !isLocal) throw refuse("is plain http");
  return url;
}

function explain(thrown: unknown, url: URL, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  if (thrown instanceof AppError) return thrown;
  const who = `The sign-in service at ${quote(url.origin)}`;
  if (thrown instanceof DOMException && thrown.name === "TimeoutError") {
    return new AppError("timeout", `${who} did not answer within ${timeoutMs / 1000} s.`, { cause: thrown });
  }
  const unknown = new AppError("unreachable", `${who} cannot be reached.`, { cause: thrown });
  return explainUnreachable(thrown, url) ?? unknown;
}

/**
 * The `fetch` under the SDK's OAuth code: 10 s and 256 KiB for each exchange, only addresses that a sign-in may
 * use, no redirect of its own (the SDK follows those within one origin).
 *
 * @throws `untrusted_destination`, `unreachable`, `timeout`, `protocol_error`; the signal's reason
 */
export function createOAuthFetch({ server, signal, fetch: given }: OAuthContext) {
  const send = given ?? verifiedFetch;
  return async (address: string | URL, init: RequestInit = {}): Promise<Response> => {
    const url = checkOAuthAddress(address, "part of its sign-in", server);
    try {
      const limited = { ...init, redirect: "manual", signal: limitTime(timeoutMs, signal) } as const;
      const response = await send(url.href, limited);
      const body = await readCapped(response.body, { maxBytes });
      if (!body)
        throw new AppError("protocol_error", "The sign-in service sent an answer that is too large.");
      const { status, headers } = response;
      return new Response(body.length === 0 ? null : new Uint8Array(body), { status, headers });
    } catch (thrown) {
      throw explain(thrown, url, signal);
    }
  };
}
