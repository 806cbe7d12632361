import type { EventStore } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";

interface StoredEvent {
  readonly id: string;
  readonly streamId: string;
  readonly message: JSONRPCMessage;
}

const maxEvents = 512;

/** A message of a priming event: it carries an id and no data. */
function isPriming(message: JSONRPCMessage): boolean {
  return Object.keys(message).length === 0;
}

/**
 * Keeps the last 512 events of one session for `Last-Event-ID`. Never shared between sessions: the SDK would
 * replay one session's events to another.
 *
 * @see MCP 2025-11-25 basic/transports, "Resumability and Redelivery"
 */
export function createEventStore(): EventStore {
  const events: StoredEvent[] = [];
  const prefix = crypto.randomUUID().slice(0, 8);
  let count = 0;

  const find = (id: string) => events.findIndex((event) => event.id === id);

  return {
    async storeEvent(streamId, message) {
      const id = `${prefix}-${++count}`;
      events.push({ id, streamId, message });
      if (events.length > maxEvents) events.shift();
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
