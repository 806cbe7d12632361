import {
  isInitializeRequest,
  LATEST_PROTOCOL_VERSION,
  SUPPORTED_PROTOCOL_VERSIONS,
} from "@modelcontextprotocol/sdk/types.js";
import type { Clock } from "../../../base/clock.ts";
import type { Binders } from "../binders.ts";
import { createEventStore, type EventLimits } from "./event-store.ts";
import { createRunningRequests } from "./running-requests.ts";
import type { SessionMap } from "./session-map.ts";
import { ownerOf, passOn, type SessionRequest } from "./session-request.ts";
import { SessionTransport } from "./session-transport.ts";

export interface OpenSessionOptions {
  readonly map: SessionMap<SessionTransport>;
  readonly bind: Binders["legacy"];
  readonly clock: Clock;
  readonly eventLimits: EventLimits;
}

/** After how long a client whose stream was closed in mid-call asks for the rest (`retry:`). */
const reconnectAfterMs = 1_000;

/** The revision that the SDK will negotiate for this request (MCP lifecycle, "Version Negotiation"). */
function negotiate(body: unknown): string {
  const requested = isInitializeRequest(body) ? body.params.protocolVersion : "";
  return SUPPORTED_PROTOCOL_VERSIONS.includes(requested) ? requested : LATEST_PROTOCOL_VERSION;
}

/**
 * Answers an `initialize`, and puts the session that it opens into the map.
 *
 * @throws `too_many_sessions`
 */
export async function openSession(incoming: SessionRequest, options: OpenSessionOptions): Promise<Response> {
  const { map, bind, clock, eventLimits } = options;
  const { principal, caller, body } = incoming;
  const room = map.reserve(caller);
  const running = createRunningRequests();
  const endings = new WeakSet<object>();
  const endsStream = (message: object) => endings.has(message);
  const events = createEventStore({ clock, limits: eventLimits, endsStream });
  const session = { owner: ownerOf(incoming), caller, protocolVersion: negotiate(body), running, events };
  const transport: SessionTransport = new SessionTransport(
    {
      sessionIdGenerator: () => crypto.randomUUID(),
      eventStore: events,
      retryInterval: reconnectAfterMs,
      onsessioninitialized: (id) => room.put({ ...session, id, transport }),
      onsessionclosed: (id) => map.remove(id),
    },
    { running, endings },
  );
  try {
    await bind({ principal }).connect(transport);
    transport.hideAdopted();
    return await passOn(transport, incoming);
  } finally {
    room.release();
  }
}
