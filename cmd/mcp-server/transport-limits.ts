import type { ServerSettings } from "../../lib/config/mcp-server.ts";
import { defaultEventLimits } from "../../lib/transport/server/legacy/event-store.ts";
import type { TransportLimits } from "../../lib/transport/server/limits.ts";

/** The limits as they are configured. */
export function transportLimitsFrom(settings: ServerSettings): TransportLimits {
  return {
    addressRate: { perSecond: settings.addressRate, burst: settings.addressBurst },
    callerRate: { perSecond: settings.callerRate, burst: settings.callerBurst },
    caller: {
      maxCalls: settings.callerCalls,
      maxStreams: settings.callerStreams,
      maxUnreadBytes: settings.unreadBytes,
    },
    body: {
      maxBytes: settings.bodyBytes,
      deadlineMs: settings.bodySeconds * 1000,
      maxElements: settings.bodyElements,
      maxDepth: settings.bodyDepth,
    },
    sessions: {
      idleMs: settings.sessionIdleSeconds * 1000,
      maxAgeMs: settings.sessionMaxSeconds * 1000,
      maxPerCaller: settings.callerSessions,
      max: settings.maxSessions,
    },
    events: {
      maxEvents: defaultEventLimits.maxEvents,
      maxSize: settings.eventBytes,
      maxAgeMs: settings.eventSeconds * 1000,
    },
  };
}
