import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import {
  isInitializeRequest,
  LATEST_PROTOCOL_VERSION,
  SUPPORTED_PROTOCOL_VERSIONS,
} from "@modelcontextprotocol/sdk/types.js";
import type { Clock } from "../../../base/clock.ts";
import { AppError } from "../../../base/errors.ts";
import type { Log } from "../../../base/log.ts";
import type { Principal } from "../../../base/principal.ts";
import type { Binders } from "../binders.ts";
import { toErrorAnswer } from "../error-answer.ts";
import { toAuthInfo } from "./auth-info.ts";
import { createEventStore } from "./event-store.ts";

/** Bounds on sessions. */
export interface SessionLimits {
  /** Milliseconds without a request after which a session ends. Default 30 min. */
  readonly idleMs: number;
  /** Sessions of one caller; the one unused for longest gives way. Default 64. */
  readonly maxPerCaller: number;
  /** Sessions of all callers; beyond it none is opened. Default 4096. */
  readonly max: number;
}

export const defaultSessionLimits: SessionLimits = { idleMs: 1_800_000, maxPerCaller: 64, max: 4096 };

export interface SessionsOptions {
  readonly bind: Binders["legacy"];
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: SessionLimits;
}

/** One request of a session, its token verified and its body parsed. */
export interface SessionRequest {
  readonly request: Request;
  readonly principal: Principal | undefined;
  /** Parsed body of a POST. */
  readonly body: unknown;
}

/** The sessions of the revisions 2024-11-05 to 2025-11-25. */
export interface Sessions {
  handle(request: SessionRequest): Promise<Response>;
  /** Ends all sessions. */
  close(): Promise<void>;
  count(): number;
}

interface Session {
  readonly id: string;
  readonly owner: string;
  readonly transport: WebStandardStreamableHTTPServerTransport;
  readonly protocolVersion: string;
  lastUsedMs: number;
}

/** Every caller without a token is one owner. */
const anonymous = "anonymous";
const sweepIntervalMs = 60_000;

/** The revision that the SDK will negotiate for this request (MCP lifecycle, "Version Negotiation"). */
function negotiate(body: unknown): string {
  const requested = isInitializeRequest(body) ? body.params.protocolVersion : "";
  return SUPPORTED_PROTOCOL_VERSIONS.includes(requested) ? requested : LATEST_PROTOCOL_VERSION;
}

const unknownSession = () =>
  toErrorAnswer(
    new AppError("session_not_found", "This session does not exist or has ended; initialize anew."),
  );

/** Opens the session map. A session belongs to the caller who opened it; to anyone else it does not exist. */
export function createSessions({
  bind,
  clock,
  log,
  limits = defaultSessionLimits,
}: SessionsOptions): Sessions {
  const sessions = new Map<string, Session>();
  const sweep = setInterval(() => {
    const oldest = clock.nowMs() - limits.idleMs;
    for (const session of sessions.values()) if (session.lastUsedMs < oldest) end(session);
  }, sweepIntervalMs);
  sweep.unref();

  function end(session: Session): void {
    sessions.delete(session.id);
    void session.transport
      .close()
      .catch((error: unknown) => log.debug(`A session did not close: ${String(error)}`));
  }

  function makeRoom(owner: string): void {
    const own = [...sessions.values()].filter((session) => session.owner === owner);
    if (own.length < limits.maxPerCaller) return;
    const [oldest] = own.toSorted((a, b) => a.lastUsedMs - b.lastUsedMs);
    if (oldest) end(oldest);
  }

  async function open({ request, principal, body }: SessionRequest): Promise<Response> {
    const owner = principal?.key ?? anonymous;
    makeRoom(owner);
    if (sessions.size >= limits.max) {
      throw new AppError("too_many_sessions", "The server has no room for a further session.", {
        retryAfterSeconds: 5,
      });
    }
    const protocolVersion = negotiate(body);
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      eventStore: createEventStore(),
      onsessioninitialized(id) {
        sessions.set(id, { id, owner, transport, protocolVersion, lastUsedMs: clock.nowMs() });
      },
      onsessionclosed(id) {
        sessions.delete(id);
      },
    });
    await bind({ principal }).connect(transport);
    return pass(transport, { request, principal, body });
  }

  function pass(
    transport: WebStandardStreamableHTTPServerTransport,
    { request, principal, body }: SessionRequest,
  ): Promise<Response> {
    const authInfo = toAuthInfo(principal);
    return transport.handleRequest(request, { parsedBody: body, ...(authInfo ? { authInfo } : {}) });
  }

  return {
    async handle(incoming) {
      const { request, principal, body } = incoming;
      const id = request.headers.get("mcp-session-id");
      if (id === null && isInitializeRequest(body)) return open(incoming);
      if (id === null) {
        return toErrorAnswer(
          new AppError("invalid_request", "The request has no Mcp-Session-Id; initialize first."),
        );
      }
      const session = sessions.get(id);
      if (!session || session.owner !== (principal?.key ?? anonymous)) return unknownSession();
      if (Array.isArray(body) && session.protocolVersion !== "2025-03-26") {
        return toErrorAnswer(
          new AppError("batch_not_supported", "Batches exist in revision 2025-03-26 alone."),
        );
      }
      session.lastUsedMs = clock.nowMs();
      return pass(session.transport, incoming);
    },
    async close() {
      clearInterval(sweep);
      const ended = [...sessions.values()];
      sessions.clear();
      await Promise.allSettled(ended.map(({ transport }) => transport.close()));
    },
    count: () => sessions.size,
  };
}
