import { defaultEventLimits, type EventLimits } from "./legacy/event-store.ts";
import { defaultSessionLimits, type SessionLimits } from "./legacy/session.ts";
import type { RateLimit } from "./rate-limiter.ts";
import { type BodyLimits, defaultBodyLimits } from "./read-body.ts";

/** What one caller may have running, and what a client may leave unread. */
export interface CallerLimits {
  /** Requests of one caller that are being answered at a time. */
  readonly maxCalls: number;
  /** Listening streams of one caller: `GET` and `subscriptions/listen`. */
  readonly maxStreams: number;
  /** Bytes of one stream that its reader may leave unread before the stream is cut; one message may go beyond. */
  readonly maxUnreadBytes: number;
}

/** All bounds on what clients may do. A caller is who the token says, or without tokens an address. */
export interface TransportLimits {
  /** Requests of one address, before its token is looked at. */
  readonly addressRate: RateLimit;
  /** Requests of one caller. */
  readonly callerRate: RateLimit;
  readonly caller: CallerLimits;
  readonly body: BodyLimits;
  readonly sessions: SessionLimits;
  readonly events: EventLimits;
}

/** Safe for a server on the open network, and beyond what people and their agents do. */
export const defaultTransportLimits: TransportLimits = {
  addressRate: { perSecond: 200, burst: 1000 },
  callerRate: { perSecond: 100, burst: 500 },
  caller: { maxCalls: 64, maxStreams: 64, maxUnreadBytes: 1024 * 1024 },
  body: defaultBodyLimits,
  sessions: defaultSessionLimits,
  events: defaultEventLimits,
};
