import { createMcpHandler, isLegacyRequest } from "@modelcontextprotocol/server";
import type { DeniedTokens } from "../../auth/server/denied-tokens.ts";
import type { Clock } from "../../base/clock.ts";
import { AppError } from "../../base/errors.ts";
import type { Log } from "../../base/log.ts";
import type { Principal } from "../../base/principal.ts";
import { readPrincipal, toAuthInfo } from "./auth-info.ts";
import type { Binders } from "./binders.ts";
import { watchEndOfToken } from "./end-of-token.ts";
import { toErrorAnswer } from "./error-answer.ts";
import { createInFlight } from "./in-flight.ts";
import { createSessions } from "./legacy/sessions.ts";
import { readJsonBody } from "./read-body.ts";
import { isEventStream, superviseStream } from "./supervise-stream.ts";

export interface McpEndpointOptions {
  readonly binders: Binders;
  /** Ends the listening streams of tokens that become denied. Absent: none does. */
  readonly deniedTokens?: DeniedTokens | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** One request that passed the gate. */
export interface AdmittedRequest {
  readonly request: Request;
  readonly principal: Principal | undefined;
  /** Closes the request's connection after so many seconds without traffic; 0 keeps it open. */
  readonly limitIdle: (seconds: number) => void;
}

/** A connection on which no call runs is closed after this, and so is a sender who stops in mid-request. */
export const idleTimeoutSeconds = 10;

/** `/mcp`: both families of MCP revisions at one address. */
export interface McpEndpoint {
  handle(admitted: AdmittedRequest): Promise<Response>;
  /** Ends listening streams, refuses new requests, and waits for running ones until the signal fires. */
  drain(signal: AbortSignal): Promise<void>;
  /** Ends everything. */
  close(): Promise<void>;
}

function readMethod(body: unknown): string | undefined {
  const isObject = typeof body === "object" && body !== null;
  return isObject && "method" in body && typeof body.method === "string" ? body.method : undefined;
}

function isRequest(body: unknown): boolean {
  return Array.isArray(body) || (readMethod(body) !== undefined && "id" in (body as object));
}

/** Whether the response is a stream that stays open without a call behind it. */
function isListening(request: Request, body: unknown): boolean {
  return request.method === "GET" || readMethod(body) === "subscriptions/listen";
}

/** Sessions need GET and DELETE; 2026-07-28 has neither (MCP basic/transports). */
function methodsOf({ headers }: Request): readonly string[] {
  const isModern = headers.get("mcp-protocol-version") === "2026-07-28";
  return isModern ? ["POST"] : ["POST", "GET", "DELETE"];
}

function refuseMethod(allowed: string): Response {
  const refusal = toErrorAnswer(new AppError("method_not_allowed", `Use ${allowed}.`));
  refusal.headers.set("allow", allowed);
  return refusal;
}

const shuttingDown = () =>
  toErrorAnswer(new AppError("shutting_down", "The server is stopping.", { retryAfterSeconds: 5 }));

/** Builds the endpoint over the SDKs' transports. */
export function createMcpEndpoint(options: McpEndpointOptions): McpEndpoint {
  const { binders, deniedTokens, clock, log } = options;
  const sessions = createSessions({ bind: binders.legacy, clock });
  const modern = createMcpHandler(({ authInfo }) => binders.modern({ principal: readPrincipal(authInfo) }), {
    legacy: "reject",
    onerror: (error) => log.debug(`MCP: ${error.message}`),
  });
  const inFlight = createInFlight();
  const stopping = new AbortController();

  async function route({ request, principal }: AdmittedRequest, body: unknown): Promise<Response> {
    if (await isLegacyRequest(request, body)) return sessions.handle({ request, principal, body });
    return modern.fetch(request, { parsedBody: body, ...toAuthInfo(principal) });
  }

  async function answer(admitted: AdmittedRequest, body: unknown): Promise<Response> {
    const { request, principal, limitIdle } = admitted;
    const isCall = !isListening(request, body);
    const endCall = isCall ? inFlight.begin() : () => {};
    const end = () => {
      endCall();
      limitIdle(idleTimeoutSeconds);
    };
    // Calls and streams may be quiet for long. The limit belongs to the connection, so it is put back at the end.
    limitIdle(0);
    try {
      const response = await route(admitted, body);
      if (isEventStream(response)) {
        if (isCall) return superviseStream(response, { onEnd: end });
        const { signal, clear } = watchEndOfToken(principal, {
          clock,
          deniedTokens,
          stopping: stopping.signal,
        });
        return superviseStream(response, { endSignal: signal, onEnd: () => (clear(), end()) });
      }
      end();
      return response;
    } catch (error) {
      end();
      throw error;
    }
  }

  return {
    async handle(admitted) {
      const { request } = admitted;
      const methods = methodsOf(request);
      if (!methods.includes(request.method)) return refuseMethod(methods.join(", "));
      const body = request.method === "POST" ? await readJsonBody(request) : undefined;
      if (stopping.signal.aborted && (request.method === "GET" || isRequest(body))) return shuttingDown();
      return answer(admitted, body);
    },
    async drain(signal) {
      stopping.abort();
      await inFlight.drained(signal);
    },
    async close() {
      stopping.abort();
      await Promise.allSettled([sessions.close(), modern.close()]);
    },
  };
}
