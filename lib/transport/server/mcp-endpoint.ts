import {
  createMcpHandler,
  isLegacyRequest,
  type McpHttpHandler,
  type ServerEventBus,
} from "@modelcontextprotocol/server";
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
import { createSubscriptions } from "./modern/subscriptions.ts";
import { readJsonBody } from "./read-body.ts";
import { superviseAnswer } from "./supervise-stream.ts";

export interface McpEndpointOptions {
  readonly binders: Binders;
  /** Ends the listening streams of tokens that become denied. Absent: none does. */
  readonly deniedTokens?: DeniedTokens | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Where changes are published of which `subscriptions/listen` tells. Default: nothing ever changes. */
  readonly changes?: ServerEventBus;
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

function isObject(body: unknown): body is object {
  return typeof body === "object" && body !== null;
}

function readMethod(body: unknown): string | undefined {
  return isObject(body) && "method" in body && typeof body.method === "string" ? body.method : undefined;
}

function isRequest(body: unknown): boolean {
  return Array.isArray(body) || (readMethod(body) !== undefined && "id" in (body as object));
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

/** Calls and streams may be quiet for long. The limit belongs to the connection, so it is put back at the end. */
function thenLimitIdle({ limitIdle }: AdmittedRequest, end: () => void): () => void {
  return () => {
    end();
    limitIdle(idleTimeoutSeconds);
  };
}

function createModern({ binders, log, changes }: McpEndpointOptions): McpHttpHandler {
  return createMcpHandler(({ authInfo }) => binders.modern({ principal: readPrincipal(authInfo) }), {
    legacy: "reject",
    onerror: (error) => log.debug(`MCP: ${error.message}`),
    ...(changes ? { bus: changes } : {}),
  });
}

/** Builds the endpoint over the SDKs' transports. */
export function createMcpEndpoint(options: McpEndpointOptions): McpEndpoint {
  const sessions = createSessions({ bind: options.binders.legacy, clock: options.clock });
  const modern = createModern(options);
  const subscriptions = createSubscriptions({ open: () => createModern(options) });
  const inFlight = createInFlight();
  const stopping = new AbortController();

  /** A stream that stays open without a call behind it ends with the server or with the caller's token. */
  function watchListening(admitted: AdmittedRequest) {
    const { clock, deniedTokens } = options;
    const ends = { clock, deniedTokens, stopping: stopping.signal };
    const { signal: endSignal, clear } = watchEndOfToken(admitted.principal, ends);
    return { endSignal, onEnd: thenLimitIdle(admitted, clear) };
  }

  async function dispatch({ request, principal }: AdmittedRequest, body: unknown): Promise<Response> {
    if (await isLegacyRequest(request, body)) return sessions.handle({ request, principal, body });
    return modern.fetch(request, { parsedBody: body, ...toAuthInfo(principal) });
  }

  async function answer(admitted: AdmittedRequest, body: unknown): Promise<Response> {
    const { request, principal } = admitted;
    admitted.limitIdle(0);
    if (readMethod(body) === "subscriptions/listen" && !(await isLegacyRequest(request, body))) {
      return subscriptions.listen({ request, principal, body, ...watchListening(admitted) });
    }
    const answering = () => dispatch(admitted, body);
    if (request.method === "GET") return superviseAnswer(answering, watchListening(admitted));
    // Counted before anything is waited for: a stop must not find it uncounted.
    return superviseAnswer(answering, { onEnd: thenLimitIdle(admitted, inFlight.begin()) });
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
