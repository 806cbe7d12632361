import type { EventStore } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { type Clock, systemClock } from "../../../base/clock.ts";

/** Bounds on what is kept of one session for clients that come back. */
export interface EventLimits {
  readonly maxEvents: number;
  /** In characters of JSON. What a caller may make us remember: an id that it chose comes back in the answer. */
  readonly maxSize: number;
  /** Milliseconds for which an event can be asked for. */
  readonly maxAgeMs: number;
}

/** 512 events of 1 MiB together, for 10 minutes. */
export const defaultEventLimits: EventLimits = {
  maxEvents: 512,
  maxSize: 1024 * 1024,
  maxAgeMs: 600_000,
};

interface StoredEvent {
  readonly id: string;
  readonly streamId: string;
  readonly message: JSONRPCMessage;
  readonly size: number;
  readonly storedMs: number;
}

/** The events of one session. */
export interface SessionEvents extends EventStore {
  /** Forgets what is too old. */
  expire(): void;
}

export interface EventStoreOptions {
  /** Default {@link systemClock}. */
  readonly clock?: Clock;
  /** Default {@link defaultEventLimits}. */
  readonly limits?: EventLimits;
  /** Whether a message is the end of a stream that nobody may take up again. Default: none is. */
  readonly endsStream?: (message: JSONRPCMessage) => boolean;
}

/** A message of a priming event: it carries an id and no data. */
function isPriming(message: JSONRPCMessage): boolean {
  return Object.keys(message).length === 0;
}

/**
 * Keeps the last events of one session for `Last-Event-ID`. Never shared between sessions: the SDK would replay one
 * session's events to another.
 *
 * @see MCP 2025-11-25 basic/transports, "Resumability and Redelivery"
 */
export function createEventStore(options: EventStoreOptions = {}): SessionEvents {
  const { clock = systemClock, limits = defaultEventLimits, endsStream } = options;
  let events: StoredEvent[] = [];
  const prefix = crypto.randomUUID().slice(0, 8);
  let count = 0;
  let totalSize = 0;

  const find = (id: string) => events.findIndex((event) => event.id === id);

  function isBeyondLimits(): boolean {
    const [oldest] = events;
    if (!oldest) return false;
    const isOld = clock.nowMs() - oldest.storedMs >= limits.maxAgeMs;
    return isOld || events.length > limits.maxEvents || totalSize > limits.maxSize;
  }

  function expire(): void {
    while (isBeyondLimits()) totalSize -= events.shift()?.size ?? totalSize;
  }

  function forgetStream(streamId: string): void {
    events = events.filter((event) => event.streamId !== streamId);
    totalSize = events.reduce((sum, { size }) => sum + size, 0);
  }

  return {
    expire,
    async storeEvent(streamId, message) {
      const id = `${prefix}-${++count}`;
      if (endsStream?.(message)) {
        forgetStream(streamId);
        return id;
      }
      const { length: size } = JSON.stringify(message);
      events.push({ id, streamId, message, size, storedMs: clock.nowMs() });
      totalSize += size;
      expire();
      return id;
    },
    async getStreamIdForEventId(id) {
      expire();
      return events[find(id)]?.streamId;
    },
    async replayEventsAfter(lastEventId, { send }) {
      const start = find(lastEventId);
      const streamId = events[start]?.streamId;
      if (streamId === undefined) throw new Error("unknown event id");
      for (const event of events.slice(start + 1)) {
        if (event.streamId === streamId && !isPriming(event.message)) await send(event.id, event.message);
      }
      return streamId;
    },
  };
}
