import type { EventStore } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";

interface StoredEvent {
  readonly id: string;
  readonly streamId: string;
  readonly message: JSONRPCMessage;
  readonly size: number;
}

const maxEvents = 512;
/** In characters of JSON. What a caller may make us remember: an id that it chose comes back in the answer. */
const maxSize = 1024 * 1024;

/** A message of a priming event: it carries an id and no data. */
function isPriming(message: JSONRPCMessage): boolean {
  return Object.keys(message).length === 0;
}

/**
 * Keeps the last 512 events of one session, 1 MiB at most, for `Last-Event-ID`. Never shared between sessions: the SDK would
 * replay one session's events to another.
 *
 * @see MCP 2025-11-25 basic/transports, "Resumability and Redelivery"
 */
export function createEventStore(): EventStore {
  const events: StoredEvent[] = [];
  const prefix = crypto.randomUUID().slice(0, 8);
  let count = 0;
  let totalSize = 0;

  const find = (id: string) => events.findIndex((event) => event.id === id);

  return {
    async storeEvent(streamId, message) {
      const id = `${prefix}-${++count}`;
      const { length: size } = JSON.stringify(message);
      events.push({ id, streamId, message, size });
      totalSize += size;
      while (events.length > maxEvents || totalSize > maxSize) totalSize -= events.shift()?.size ?? totalSize;
      return id;
    },
    async getStreamIdForEventId(id) {
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
