import { type Abortable, limitTime, unlessAborted } from "../../../base/abort.ts";
import { AppError } from "../../../base/errors.ts";

/*
 * Where the browser comes back to (RFC 8252 section 7.3). Listens on loopback only. Anything on this machine, and
 * any page in a browser on it, can reach it: so only the request with the right `state` counts, once, and all
 * others change nothing. Does not check `iss` nor the code: `sign-in-with-browser.ts` does.
 */

const path = "/callback";
/** How long a person has to sign in. */
const defaultLimitMs = 300_000;

const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>mcp-client</title>
<p>mcp-client has got the answer. You can close this page; the terminal says how it went.</p></html>`;

const pageHeaders = {
  "Content-Type": "text/html; charset=utf-8",
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
} as const;

/** How to listen. */
export interface CallbackOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** Must come back unchanged. */
  readonly state: string;
  /** Milliseconds until nobody is waited for any more. Default 300,000. */
  readonly limitMs?: number | undefined;
}

/** A listener that waits for the browser. */
export interface CallbackListener {
  /** `http://127.0.0.1:<port>/callback` */
  readonly redirectUri: string;
  /**
   * Waits for the one request that brings the state back.
   *
   * @returns its parameters
   * @throws `sign_in_expired` when nobody came; the signal's reason
   */
  wait(options: Abortable): Promise<URLSearchParams>;
  /** Stops listening. May be called twice. */
  close(): void;
}

/** RFC 6749 section 3.1: a parameter must not stand there twice. */
function isOnce(params: URLSearchParams): boolean {
  return [...params.keys()].every((name) => params.getAll(name).length === 1);
}

function refuse(status: number): Response {
  return new Response("This is not the answer that mcp-client waits for.\n", {
    status,
    headers: { ...pageHeaders, "Content-Type": "text/plain; charset=utf-8" },
  });
}

function expired(limitMs: number, cause: unknown): AppError {
  const minutes = Math.round(limitMs / 60_000);
  return new AppError("sign_in_expired", `Nobody signed in within ${minutes} minutes.`, {
    hint: "Try again.",
    cause,
  });
}

function portTaken(port: number, cause: unknown): AppError {
  return new AppError("port_in_use", `The port ${port} of 127.0.0.1 cannot be listened on.`, {
    hint: "Another program uses it. Give another one with --redirect-port, if your client is registered for it.",
    cause,
  });
}

/**
 * Listens for the browser on 127.0.0.1.
 *
 * @throws `port_in_use`
 * @see https://www.rfc-editor.org/rfc/rfc8252#section-7.3
 */
export function openCallbackListener({
  port,
  state,
  limitMs = defaultLimitMs,
}: CallbackOptions): CallbackListener {
  const arrival = Promise.withResolvers<URLSearchParams>();
  let isTaken = false;
  const answer = (request: Request): Response => {
    const url = new URL(request.url);
    if (request.headers.get("host") !== `127.0.0.1:${server.port}`) return refuse(403);
    if (url.pathname !== path) return refuse(404);
    if (request.method !== "GET") return refuse(405);
    if (url.searchParams.get("state") !== state || !isOnce(url.searchParams)) return refuse(400);
    if (isTaken) return refuse(410);
    isTaken = true;
    arrival.resolve(url.searchParams);
    return new Response(page, { headers: pageHeaders });
  };
  const listen = () => {
    try {
      // Without reusePort: false another program of the same person could share the port (Bun 1.4.5).
      const shape = { development: false, reusePort: false, maxRequestBodySize: 1024 } as const;
      return Bun.serve({ hostname: "127.0.0.1", port, ...shape, fetch: answer });
    } catch (cause) {
      throw portTaken(port, cause);
    }
  };
  const server = listen();
  return {
    redirectUri: `http://127.0.0.1:${server.port}${path}`,
    async wait({ signal }) {
      const limit = limitTime(limitMs, signal);
      try {
        return await unlessAborted(arrival.promise, limit);
      } catch (cause) {
        throw signal?.aborted ? signal.reason : expired(limitMs, cause);
      }
    },
    // The page is on its way when the answer is; a browser that holds its connection does not keep us.
    close() {
      void server.stop(false);
    },
  };
}
