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

export interface StoredEvent {
  readonly id: string;
  readonly streamId: string;
  /** The message's JSON. */
  readonly json: string;
  readonly storedMs: number;
}

/** The events of one session. */
export interface SessionEvents extends EventStore {
  /**
   * Keeps an event.
   *
   * @param json its message
   * @returns its id
   */
  add(streamId: string, json: string): string;
  /** The stream of an event that is still kept. */
  streamOf(id: string): string | undefined;
  /** The messages of that event's stream that came later, in their order. */
  after(id: string): readonly Pick<StoredEvent, "id" | "json">[];
  /** Forgets a stream: nobody may take it up again. */
  forget(streamId: string): void;
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

/** The message of a priming event: it carries an id and no data. */
export const priming = "{}";

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
    while (isBeyondLimits()) totalSize -= events.shift()?.json.length ?? totalSize;
  }

  function add(streamId: string, json: string): string {
    const id = `${prefix}-${++count}`;
    events.push({ id, streamId, json, storedMs: clock.nowMs() });
    totalSize += json.length;
    expire();
    return id;
  }

  function forget(streamId: string): void {
    events = events.filter((event) => event.streamId !== streamId);
    totalSize = events.reduce((sum, { json }) => sum + json.length, 0);
  }

  function streamOf(id: string): string | undefined {
    expire();
    return events[find(id)]?.streamId;
  }

  function after(id: string): readonly StoredEvent[] {
    const start = find(id);
    const streamId = events[start]?.streamId;
    return events.slice(start + 1).filter((event) => event.streamId === streamId && event.json !== priming);
  }

  return {
    expire,
    add,
    streamOf,
    after,
    forget,
    async storeEvent(streamId, message) {
      if (!endsStream?.(message)) return add(streamId, JSON.stringify(message));
      forget(streamId);
      return `${prefix}-${++count}`;
    },
    getStreamIdForEventId: async (id) => streamOf(id),
    async replayEventsAfter(lastEventId, { send }) {
      const streamId = events[find(lastEventId)]?.streamId;
      if (streamId === undefined) throw new Error("unknown event id");
      for (const event of after(lastEventId)) await send(event.id, JSON.parse(event.json) as JSONRPCMessage);
      return streamId;
    },
  };
}
