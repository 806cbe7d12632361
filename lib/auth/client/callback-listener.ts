import { type Abortable, limitTime, unlessAborted } from "../../base/abort.ts";
import { AppError } from "../../base/errors.ts";

/*
 * Where the browser comes back to (RFC 8252 section 7.3). Listens on loopback only. Anything on this machine, and
 * any page in a browser on it, can reach it: so only the request with the right `state` counts, once, and all
 * others change nothing. Does not check `iss` nor the code: `sign-in-with-browser.ts` does.
 */

/** Longest form that is read: an authorization code of Entra's has some 2000 characters. */
const maxFormBytes = 64 * 1024;
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

/** Without `reusePort: false` another program of the same person could share the port (Bun 1.4.5). */
const serverShape = { development: false, reusePort: false, maxRequestBodySize: maxFormBytes } as const;

/** How to listen. */
export interface CallbackOptions {
  /**
   * Where it listens and how the answer comes. `callback`: `http://127.0.0.1:<port>/callback`, in the query.
   * `entra`: `http://localhost:<port>`, as Entra registers it, in a posted form, so that the code stands in no address.
   * Default `callback`.
   */
  readonly shape?: "callback" | "entra" | undefined;
  /** 0 takes a free one. */
  readonly port: number;
  /** Must come back unchanged. */
  readonly state: string;
  /** Milliseconds until nobody is waited for any more. Default 300,000. */
  readonly limitMs?: number | undefined;
}

/** A listener that waits for the browser. */
export interface CallbackListener {
  /** As the sign-in service has to be told. */
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

function expired(limitMs: number, isEntra: boolean, cause: unknown): AppError {
  const minutes = Math.round(limitMs / 60_000);
  const hint = isEntra
    ? "Try again. If the page showed AADSTS50011, add http://localhost under 'Mobile and desktop applications' to the client's registration."
    : "Try again.";
  return new AppError("sign_in_expired", `Nobody signed in within ${minutes} minutes.`, { hint, cause });
}

/** The parameters of an answer in the way that was agreed, or the status by which it is refused. */
async function readAnswer(request: Request, isEntra: boolean): Promise<URLSearchParams | number> {
  if (request.method !== (isEntra ? "POST" : "GET")) return 405;
  if (!isEntra) return new URL(request.url).searchParams;
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  return type === "application/x-www-form-urlencoded" ? new URLSearchParams(await request.text()) : 415;
}

function portTaken(port: number, cause: unknown): AppError {
  return new AppError("port_in_use", `The port ${port} of 127.0.0.1 cannot be listened on.`, {
    hint: "Another program uses it. Give another one with --redirect-port, if your client is registered for it.",
    cause,
  });
}

/** A server on the same port of ::1, where browsers may look for localhost first; none where there is no IPv6. */
function listenOnIpv6(port: number, answer: (request: Request) => Promise<Response>) {
  try {
    return Bun.serve({ hostname: "::1", port, ...serverShape, fetch: answer });
  } catch {
    return undefined;
  }
}

function listenOn(port: number, answer: (request: Request) => Promise<Response>) {
  try {
    return Bun.serve({ hostname: "127.0.0.1", port, ...serverShape, fetch: answer });
  } catch (cause) {
    throw portTaken(port, cause);
  }
}

/**
 * Listens for the browser on loopback.
 *
 * @throws `port_in_use`
 * @see https://www.rfc-editor.org/rfc/rfc8252#section-7.3
 */
export function openCallbackListener(options: CallbackOptions): CallbackListener {
  const { port, state, limitMs = defaultLimitMs } = options;
  const isEntra = options.shape === "entra";
  const [name, path] = isEntra ? ["localhost", "/"] : ["127.0.0.1", "/callback"];
  const arrival = Promise.withResolvers<URLSearchParams>();
  let isTaken = false;
  const answer = async (request: Request): Promise<Response> => {
    if (request.headers.get("host") !== `${name}:${server.port}`) return refuse(403);
    if (new URL(request.url).pathname !== path) return refuse(404);
    const params = await readAnswer(request, isEntra);
    if (typeof params === "number") return refuse(params);
    if (params.get("state") !== state || !isOnce(params)) return refuse(400);
    if (isTaken) return refuse(410);
    isTaken = true;
    arrival.resolve(params);
    return new Response(page, { headers: pageHeaders });
  };
  const server = listenOn(port, answer);
  const second = isEntra && server.port !== undefined ? listenOnIpv6(server.port, answer) : undefined;
  return {
    redirectUri: `http://${name}:${server.port}${isEntra ? "" : path}`,
    async wait({ signal }) {
      const limit = limitTime(limitMs, signal);
      try {
        return await unlessAborted(arrival.promise, limit);
      } catch (cause) {
        throw signal?.aborted ? signal.reason : expired(limitMs, isEntra, cause);
      }
    },
    // The page is on its way when the answer is; a browser that holds its connection does not keep us.
    close() {
      void server.stop(false);
      void second?.stop(false);
    },
  };
}
