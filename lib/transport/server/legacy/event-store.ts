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

/** The events, without what the SDK asks of a store. */
interface KeptEvents extends Omit<SessionEvents, keyof EventStore> {
  /** An id for an event that is not kept. */
  nextId(): string;
}

function keepEvents(clock: Clock, limits: EventLimits): KeptEvents {
  let events: StoredEvent[] = [];
  const prefix = crypto.randomUUID().slice(0, 8);
  let count = 0;
  let totalSize = 0;

  const find = (id: string) => events.findIndex((event) => event.id === id);
  const nextId = () => `${prefix}-${++count}`;

  function isBeyondLimits(nowMs: number): boolean {
    const [oldest] = events;
    if (!oldest) return false;
    const isOld = nowMs - oldest.storedMs >= limits.maxAgeMs;
    return isOld || events.length > limits.maxEvents || totalSize > limits.maxSize;
  }

  function expire(nowMs = clock.nowMs()): void {
    while (isBeyondLimits(nowMs)) totalSize -= events.shift()?.json.length ?? totalSize;
  }

  return {
    nextId,
    expire,
    add(streamId, json) {
      const id = nextId();
      const storedMs = clock.nowMs();
      events.push({ id, streamId, json, storedMs });
      totalSize += json.length;
      expire(storedMs);
      return id;
    },
    streamOf(id) {
      expire();
      return events[find(id)]?.streamId;
    },
    after(id) {
      const start = find(id);
      const streamId = events[start]?.streamId;
      return events.slice(start + 1).filter((event) => event.streamId === streamId && event.json !== priming);
    },
    forget(streamId) {
      events = events.filter((event) => event.streamId !== streamId);
      totalSize = events.reduce((sum, { json }) => sum + json.length, 0);
    },
  };
}

/**
 * Keeps the last events of one session for `Last-Event-ID`. Never shared between sessions: the SDK would replay one
 * session's events to another.
 *
 * @see MCP 2025-11-25 basic/transports, "Resumability and Redelivery"
 */
export function createEventStore(options: EventStoreOptions = {}): SessionEvents {
  const { clock = systemClock, limits = defaultEventLimits, endsStream } = options;
  const { nextId, ...kept } = keepEvents(clock, limits);
  return {
    ...kept,
    async storeEvent(streamId, message) {
      if (!endsStream?.(message)) return kept.add(streamId, JSON.stringify(message));
      kept.forget(streamId);
      return nextId();
    },
    getStreamIdForEventId: async (id) => kept.streamOf(id),
    async replayEventsAfter(lastEventId, { send }) {
      const streamId = kept.streamOf(lastEventId);
      if (streamId === undefined) throw new Error("unknown event id");
      for (const { id, json } of kept.after(lastEventId)) await send(id, JSON.parse(json) as JSONRPCMessage);
      return streamId;
    },
  };
}
