/** Lets pages of other origins read what this server answers them. */
export interface Cors {
  /** The answer to a page's question whether it may send its request; undefined for everything else. */
  answerPreflight(request: Request): Response | undefined;
  /** Adds what the browser must see before it shows the answer to the page. */
  permit(request: Request, response: Response): Response;
}

const methods = "GET, HEAD, POST, DELETE";
/** What MCP clients and callers of the REST API send. */
const requestHeaders = [
  "accept",
  "authorization",
  "content-type",
  "last-event-id",
  "mcp-method",
  "mcp-name",
  "mcp-protocol-version",
  "mcp-session-id",
].join(", ");
/** What a page could not read otherwise. */
const responseHeaders = "Allow, Mcp-Protocol-Version, Mcp-Session-Id, Retry-After, WWW-Authenticate";
const maxAgeSeconds = "600";

/**
 * Cross-origin requests by an allow-list. There is no `*`, and no `Access-Control-Allow-Credentials`: tokens come in a
 * header, and this server knows no cookie. It decides what browsers show to pages; who may send requests at all is
 * the matter of the gate's allow-lists, and who comes in, of the token.
 *
 * @param origins as browsers send them, e.g. `https://app.contoso.com`
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function createCors(origins: readonly string[]): Cors {
  const permitted = new Set(origins.map((origin) => origin.toLowerCase().replace(/\/$/, "")));
  const permittedOrigin = ({ headers }: Request): string | undefined => {
    const origin = headers.get("origin");
    return origin !== null && permitted.has(origin) ? origin : undefined;
  };
  return {
    answerPreflight(request) {
      const isPreflight =
        request.method === "OPTIONS" && request.headers.has("access-control-request-method");
      if (!isPreflight || permittedOrigin(request) === undefined) return undefined;
      return new Response(null, {
        status: 204,
        headers: {
          "access-control-allow-methods": methods,
          "access-control-allow-headers": requestHeaders,
          "access-control-max-age": maxAgeSeconds,
        },
      });
    },
    permit(request, response) {
      // Also for those who are not permitted: a cache must not give them another page's answer, nor the reverse.
      response.headers.append("vary", "Origin");
      const origin = permittedOrigin(request);
      if (origin === undefined) return response;
      response.headers.set("access-control-allow-origin", origin);
      response.headers.set("access-control-expose-headers", responseHeaders);
      return response;
    },
  };
}
