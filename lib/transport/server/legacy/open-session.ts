import {
  type InitializeRequest,
  isInitializeRequest,
  LATEST_PROTOCOL_VERSION,
  SUPPORTED_PROTOCOL_VERSIONS,
} from "@modelcontextprotocol/sdk/types.js";
import type { Clock } from "../../../base/clock.ts";
import type { BindLegacy } from "../binders.ts";
import { createCallStreams, reconnectAfterMs } from "./call-streams.ts";
import { createEventStore, type EventLimits } from "./event-store.ts";
import { createRunningRequests } from "./running-requests.ts";
import { createAnswerHeaders } from "./session.ts";
import type { SessionMap } from "./session-map.ts";
import { ownerOf, passOn, type SessionRequest } from "./session-request.ts";
import { SessionTransport } from "./session-transport.ts";

export interface OpenSessionOptions {
  readonly map: SessionMap<SessionTransport>;
  readonly bind: BindLegacy;
  readonly clock: Clock;
  readonly eventLimits: EventLimits;
}

/** The revision that the SDK will negotiate for this request (MCP lifecycle, "Version Negotiation"). */
function negotiate({ params: { protocolVersion: requested } }: InitializeRequest): string {
  return SUPPORTED_PROTOCOL_VERSIONS.includes(requested) ? requested : LATEST_PROTOCOL_VERSION;
}

/**
 * Answers an `initialize`, and puts the session that it opens into the map.
 *
 * @returns undefined for any other message
 * @throws `too_many_sessions`
 */
export async function openSession(
  incoming: SessionRequest,
  options: OpenSessionOptions,
): Promise<Response | undefined> {
  const { map, bind, clock, eventLimits } = options;
  const { principal, caller, body } = incoming;
  if (!isInitializeRequest(body)) return undefined;
  const room = map.reserve(caller);
  const running = createRunningRequests();
  const endings = new WeakSet<object>();
  const endsStream = (message: object) => endings.has(message);
  const events = createEventStore({ clock, limits: eventLimits, endsStream });
  const revision = negotiate(body);
  const streams = createCallStreams({ events, revision, knownRevisions: SUPPORTED_PROTOCOL_VERSIONS });
  const session = { owner: ownerOf(incoming), caller, protocolVersion: revision, running, events, streams };
  const transport: SessionTransport = new SessionTransport(
    {
      sessionIdGenerator: () => crypto.randomUUID(),
      eventStore: events,
      retryInterval: reconnectAfterMs,
      onsessioninitialized: (id) => {
        room.put({ ...session, id, transport, answerHeaders: createAnswerHeaders(id) });
      },
      onsessionclosed: (id) => map.remove(id),
    },
    { running, endings },
  );
  try {
    await bind({ principal }).connect(transport);
    return await passOn(transport, incoming);
  } finally {
    room.release();
  }
}
