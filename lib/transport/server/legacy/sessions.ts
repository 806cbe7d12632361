import type { Clock } from "../../../base/clock.ts";
import { AppError, type ErrorCode } from "../../../base/errors.ts";
import { loadOnce } from "../../../base/load-once.ts";
import type { Binders } from "../binders.ts";
import { toErrorAnswer } from "../error-answer.ts";
import type { Slots } from "../slots.ts";
import { superviseAnswer, type Supervision } from "../supervise-stream.ts";
import { defaultEventLimits, type EventLimits } from "./event-store.ts";
import { postMessage } from "./post-message.ts";
import { defaultSessionLimits, type Session, type SessionLimits } from "./session.ts";
import { createSessionMap } from "./session-map.ts";
import { ownerOf, passOn, type SessionRequest } from "./session-request.ts";
import type { SessionTransport } from "./session-transport.ts";

export interface SessionsOptions {
  readonly bind: Binders["legacy"];
  readonly clock: Clock;
  /** Calls of each caller that may run at a time. */
  readonly calls: Slots;
  readonly limits?: SessionLimits;
  readonly eventLimits?: EventLimits;
}

/** A session that is open. */
export type OpenSession = Session<SessionTransport>;

/** The way of the revisions 2024-11-05 to 2025-11-25: sessions over the SDK's v1 transport. */
export interface Sessions {
  /** @throws `too_many_sessions`, `too_many_calls` */
  handle(request: SessionRequest): Promise<Response>;
  /** Answers a GET: the session's stream, or the rest of one that broke off. */
  listen(request: SessionRequest, supervision: Supervision): Promise<Response>;
  /** The session that a request names, where its caller owns it; it counts as used now. */
  find(request: SessionRequest): OpenSession | undefined;
  /** Keeps a session from being idle, until the returned function is called for the first time. */
  hold(session: OpenSession): () => void;
  /** Loads the SDK, which else comes with the first session. */
  load(): Promise<void>;
  /** Ends all sessions. */
  close(): Promise<void>;
}

function refuse(code: ErrorCode, message: string): Response {
  return toErrorAnswer(new AppError(code, message));
}

/** Opens the way of the older revisions. */
export function createSessions(options: SessionsOptions): Sessions {
  const { clock, calls, limits = defaultSessionLimits, eventLimits = defaultEventLimits } = options;
  const map = createSessionMap<SessionTransport>(clock, limits);
  const loadOpening = loadOnce(async () => {
    const { openSession } = await import("./open-session.ts");
    const bind = await options.bind();
    return (incoming: SessionRequest) => openSession(incoming, { map, bind, clock, eventLimits });
  });

  function find(incoming: SessionRequest): OpenSession | undefined {
    const id = incoming.request.headers.get("mcp-session-id");
    return id === null ? undefined : map.use(id, ownerOf(incoming));
  }

  /** The session that a request names, or the refusal. */
  function findOrRefuse(incoming: SessionRequest): OpenSession | Response {
    const session = find(incoming);
    if (session) return session;
    if (!incoming.request.headers.has("mcp-session-id")) {
      return refuse("invalid_request", "The request has no Mcp-Session-Id; initialize first.");
    }
    return refuse("session_not_found", "This session does not exist or has ended; initialize anew.");
  }

  return {
    async handle(incoming) {
      const { request, body } = incoming;
      const isFirst = !request.headers.has("mcp-session-id");
      const opened = isFirst && (await (await loadOpening())(incoming));
      if (opened) return opened;
      const session = findOrRefuse(incoming);
      if (session instanceof Response) return session;
      if (Array.isArray(body) && session.protocolVersion !== "2025-03-26") {
        return refuse("batch_not_supported", "Batches exist in revision 2025-03-26 alone.");
      }
      return postMessage(session, incoming, { map, calls });
    },
    async listen(incoming, { onEnd, ...supervision }) {
      const session = findOrRefuse(incoming);
      const letGo = session instanceof Response ? () => {} : map.hold(session.id);
      const end = () => {
        letGo();
        onEnd?.();
      };
      const start = async () => {
        if (session instanceof Response) return session;
        return session.streams.resume(incoming.request, session.id) ?? passOn(session.transport, incoming);
      };
      return superviseAnswer(start, { ...supervision, onEnd: end });
    },
    find,
    hold: ({ id }) => map.hold(id),
    async load() {
      await loadOpening();
    },
    close: () => map.close(),
  };
}
