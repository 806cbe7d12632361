import type { ServerEventBus } from "@modelcontextprotocol/server";
import type { DeniedTokens } from "../../auth/server/denied-tokens.ts";
import type { Clock } from "../../base/clock.ts";
import { AppError } from "../../base/errors.ts";
import { loadOnce } from "../../base/load-once.ts";
import type { Log } from "../../base/log.ts";
import type { AdmittedRequest } from "./admitted-request.ts";
import { createCallAnswers } from "./answer-call.ts";
import type { Binders } from "./binders.ts";
import { toErrorAnswer } from "./error-answer.ts";
import { createDirectPath } from "./direct/direct-path.ts";
import { createSessions, type Sessions } from "./legacy/sessions.ts";
import { defaultTransportLimits, type TransportLimits } from "./limits.ts";
import { checkIdentifiers, isRequest, readMethod, readRequestIds } from "./message.ts";
import type { ModernPath } from "./modern/modern-path.ts";
import { createSharedCalls, type SharedCalls } from "./shared-calls.ts";
import { createListeningWatch } from "./watch-listening.ts";

export interface McpEndpointOptions {
  readonly binders: Binders;
  /** Ends the listening streams of tokens that become denied. Absent: none does. */
  readonly deniedTokens?: DeniedTokens | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Where changes are published of which `subscriptions/listen` tells. Default: nothing ever changes. */
  readonly changes?: ServerEventBus;
  /** Default {@link defaultTransportLimits}. */
  readonly limits?: TransportLimits;
  /** What it has in common with other ways to the tools; `drain` ends it for all. Default: its own. */
  readonly shared?: SharedCalls;
  /** Answers the commonest calls without an SDK, where the binders let it. Default true; false is for tests. */
  readonly directPath?: boolean;
}

/** `/mcp`: both families of MCP revisions at one address. */
export interface McpEndpoint {
  handle(admitted: AdmittedRequest): Promise<Response>;
  /** Loads the SDKs, which else come with the first request that needs them. */
  warmUp(): Promise<void>;
  /** Ends listening streams, refuses new requests, and waits for running ones until the signal fires. */
  drain(signal: AbortSignal): Promise<void>;
  /** Ends everything. */
  close(): Promise<void>;
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

/** A refusal answers the one request that it is about. */
function refuseRequest(thrown: unknown, body: unknown): Response {
  if (!(thrown instanceof AppError)) throw thrown;
  const [id] = Array.isArray(body) ? [] : readRequestIds(body);
  return toErrorAnswer(thrown, id);
}

async function loadModernPath({ binders, log, changes }: McpEndpointOptions): Promise<ModernPath> {
  const { openModernPath } = await import("./modern/modern-path.ts");
  return openModernPath({ bind: await binders.modern(), log, changes });
}

interface DispatchOptions {
  readonly sessions: Sessions;
  readonly loadModern: () => Promise<ModernPath>;
  readonly answerCall: ReturnType<typeof createCallAnswers>;
  readonly watchListening: ReturnType<typeof createListeningWatch>;
}

/** Hands requests to the SDKs: listening streams, and what ends by itself. */
function createDispatch({ sessions, loadModern, answerCall, watchListening }: DispatchOptions) {
  async function dispatch(admitted: AdmittedRequest, body: unknown): Promise<Response> {
    const { request } = admitted;
    if (readMethod(body) === "subscriptions/listen") {
      const modern = await loadModern();
      const isLegacy = await modern.isLegacy(request, body);
      if (!isLegacy) return modern.listen({ ...admitted, body, ...watchListening(admitted) });
    }
    if (request.method === "GET") return sessions.listen({ ...admitted, body }, watchListening(admitted));
    return answerCall(admitted, body);
  }
  return (admitted: AdmittedRequest, body: unknown): Promise<Response> =>
    dispatch(admitted, body).catch((error: unknown) => refuseRequest(error, body));
}

/** Builds the endpoint over the SDKs' transports. */
export function createMcpEndpoint(options: McpEndpointOptions): McpEndpoint {
  const { binders, clock, limits = defaultTransportLimits } = options;
  const { calls, inFlight, readBody, stopping } = options.shared ?? createSharedCalls(limits);
  const sessions = createSessions({
    bind: binders.legacy,
    clock,
    calls,
    limits: limits.sessions,
    eventLimits: limits.events,
  });
  let modern: ModernPath | undefined;
  const loadModern = loadOnce(async () => (modern = await loadModernPath(options)));
  const { maxUnreadBytes } = limits.caller;
  const answerCall = createCallAnswers({ sessions, loadModern, calls, inFlight, maxUnreadBytes });
  const tools = options.directPath === false ? undefined : binders.direct;
  const answerDirectly = tools && createDirectPath({ tools, sessions, calls, inFlight, maxUnreadBytes });
  const watchListening = createListeningWatch({ ...options, limits, stopping: stopping.signal });

  const answer = createDispatch({ sessions, loadModern, answerCall, watchListening });

  async function handleWithoutBody(admitted: AdmittedRequest): Promise<Response> {
    const methods = methodsOf(admitted.request);
    if (!methods.includes(admitted.request.method)) return refuseMethod(methods.join(", "));
    if (stopping.signal.aborted && admitted.request.method === "GET") return shuttingDown();
    return answer(admitted, undefined);
  }

  function answerBody(admitted: AdmittedRequest, body: unknown): Response | Promise<Response> {
    const isStopping = stopping.signal.aborted;
    try {
      const direct = isStopping ? undefined : answerDirectly?.(admitted, body);
      if (direct) return direct;
    } catch (error) {
      return refuseRequest(error, body);
    }
    checkIdentifiers(body);
    if (isStopping && isRequest(body)) return shuttingDown();
    return answer(admitted, body);
  }

  return {
    handle(admitted) {
      if (admitted.request.method !== "POST") return handleWithoutBody(admitted);
      return readBody(admitted, (body) => answerBody(admitted, body));
    },
    async warmUp() {
      await loadModern();
      await sessions.load();
    },
    async drain(signal) {
      stopping.abort();
      await inFlight.drained(signal);
    },
    async close() {
      stopping.abort();
      await Promise.allSettled([sessions.close(), modern?.close()]);
    },
  };
}
