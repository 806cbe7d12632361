import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import {
  isInitializeRequest,
  LATEST_PROTOCOL_VERSION,
  SUPPORTED_PROTOCOL_VERSIONS,
} from "@modelcontextprotocol/sdk/types.js";
import type { Clock } from "../../../base/clock.ts";
import { AppError, type ErrorCode } from "../../../base/errors.ts";
import type { Principal } from "../../../base/principal.ts";
import { toAuthInfo } from "../auth-info.ts";
import type { Binders } from "../binders.ts";
import { toErrorAnswer } from "../error-answer.ts";
import { createEventStore } from "./event-store.ts";
import {
  createSessionMap,
  defaultSessionLimits,
  type SessionLimits,
  type SessionMap,
} from "./session-map.ts";

export interface SessionsOptions {
  readonly bind: Binders["legacy"];
  readonly clock: Clock;
  readonly limits?: SessionLimits;
}

/** One request, its token verified and its body parsed. */
export interface SessionRequest {
  readonly request: Request;
  readonly principal: Principal | undefined;
  /** Parsed body of a POST. */
  readonly body: unknown;
}

/** The way of the revisions 2024-11-05 to 2025-11-25: sessions over the SDK's v1 transport. */
export interface Sessions {
  handle(request: SessionRequest): Promise<Response>;
  /** Ends all sessions. */
  close(): Promise<void>;
}

/** After how long a client whose stream was closed in mid-call asks for the rest (`retry:`). */
const reconnectAfterMs = 1_000;

/** Every caller without a token is one owner. */
const anonymous = "anonymous";

function ownerOf(principal: Principal | undefined): string {
  return principal?.key ?? anonymous;
}

/** The revision that the SDK will negotiate for this request (MCP lifecycle, "Version Negotiation"). */
function negotiate(body: unknown): string {
  const requested = isInitializeRequest(body) ? body.params.protocolVersion : "";
  return SUPPORTED_PROTOCOL_VERSIONS.includes(requested) ? requested : LATEST_PROTOCOL_VERSION;
}

function refuse(code: ErrorCode, message: string): Response {
  return toErrorAnswer(new AppError(code, message));
}

function pass(
  transport: WebStandardStreamableHTTPServerTransport,
  { request, principal, body }: SessionRequest,
): Promise<Response> {
  return transport.handleRequest(request, { parsedBody: body, ...toAuthInfo(principal) });
}

async function open(incoming: SessionRequest, map: SessionMap, bind: Binders["legacy"]): Promise<Response> {
  const { principal, body } = incoming;
  const owner = ownerOf(principal);
  map.makeRoom(principal?.key);
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: () => crypto.randomUUID(),
    eventStore: createEventStore(),
    retryInterval: reconnectAfterMs,
    onsessioninitialized: (id) => map.add({ id, owner, transport, protocolVersion: negotiate(body) }),
    onsessionclosed: (id) => map.remove(id),
  });
  await bind({ principal }).connect(transport);
  return pass(transport, incoming);
}

/** Opens the way of the older revisions. */
export function createSessions({ bind, clock, limits = defaultSessionLimits }: SessionsOptions): Sessions {
  const map = createSessionMap(clock, limits);
  return {
    async handle(incoming) {
      const { request, principal, body } = incoming;
      const id = request.headers.get("mcp-session-id");
      if (id === null) {
        if (isInitializeRequest(body)) return open(incoming, map, bind);
        return refuse("invalid_request", "The request has no Mcp-Session-Id; initialize first.");
      }
      const session = map.use(id, ownerOf(principal));
      if (!session)
        return refuse("session_not_found", "This session does not exist or has ended; initialize anew.");
      if (Array.isArray(body) && session.protocolVersion !== "2025-03-26") {
        return refuse("batch_not_supported", "Batches exist in revision 2025-03-26 alone.");
      }
      return pass(session.transport, incoming);
    },
    close: () => map.close(),
  };
}
