import { type EventStream, openEventStream } from "../event-stream.ts";
import { priming, type SessionEvents } from "./event-store.ts";

/** The stream of one call. Nobody may be reading it: what is sent is kept for a client that comes back. */
export interface CallStream {
  readonly response: Response;
  /** Sends one JSON-RPC message, as its JSON. */
  send(message: string): void;
  /** Ends it after what was sent. */
  end(): void;
  /** Ends it, and nobody may take it up again. */
  drop(): void;
}

/** To whom a stream goes. */
export interface CallStreamOptions {
  readonly sessionId: string;
  /** Bytes that its reader may leave unread; beyond it the reader is cut off, and may come back. */
  readonly maxUnreadBytes: number;
  /** The stream has no reader any more: it was ended, or the reader has gone. Called more than once. */
  readonly onEnd: () => void;
}

/**
 * The streams of those calls of one session that are answered without the SDK, whose transport checks each message
 * again by its schemas. They are opened, resumed, kept alive and ended as its own are.
 *
 * @see MCP 2025-11-25 basic/transports, "Resumability and Redelivery"
 */
export interface CallStreams {
  open(options: CallStreamOptions): CallStream;
  /**
   * Answers a GET that asks for the rest of one of these streams, as long as its call runs.
   *
   * @returns undefined for every other GET
   */
  resume(request: Request, sessionId: string): Response | undefined;
}

export interface CallStreamsOptions {
  readonly events: SessionEvents;
  /** The revision that was negotiated. */
  readonly revision: string;
  /** Those that requests of a session may name. */
  readonly knownRevisions: readonly string[];
}

/** After how many milliseconds a client whose stream was closed in mid-call asks for the rest (`retry:`). */
export const reconnectAfterMs = 1_000;

function conflict(): Response {
  const error = { code: -32_000, message: "Conflict: Stream already has an active connection" };
  return Response.json({ jsonrpc: "2.0", error, id: null }, { status: 409 });
}

/** Opens none yet. */
export function createCallStreams({ events, revision, knownRevisions }: CallStreamsOptions): CallStreams {
  /** By stream: who reads it at the moment, if anybody does. */
  const readers = new Map<string, EventStream | undefined>();

  function attach(streamId: string, { onEnd, ...options }: CallStreamOptions): EventStream {
    const onLost = () => {
      if (readers.get(streamId) === reader) readers.set(streamId, undefined);
      onEnd();
    };
    const reader = openEventStream({ ...options, onLost });
    readers.set(streamId, reader);
    return reader;
  }

  /** Requests that are not, the SDK refuses. */
  function isWellFormed(headers: Headers): boolean {
    const named = headers.get("mcp-protocol-version");
    const isKnown = named === null || knownRevisions.includes(named);
    return isKnown && headers.get("accept")?.includes("text/event-stream") === true;
  }

  return {
    open(options) {
      const streamId = crypto.randomUUID();
      const reader = attach(streamId, options);
      // Clients of the older revisions do not expect an event without data.
      if (revision >= "2025-11-25") reader.prime(events.add(streamId, priming), reconnectAfterMs);
      const end = () => {
        readers.get(streamId)?.end();
        readers.delete(streamId);
        options.onEnd();
      };
      return {
        response: reader.response,
        send(message) {
          const id = events.add(streamId, message);
          readers.get(streamId)?.send(message, id);
        },
        end,
        drop() {
          events.forget(streamId);
          end();
        },
      };
    },
    resume({ headers }, sessionId) {
      const lastEventId = headers.get("last-event-id") ?? "";
      const streamId = lastEventId === "" ? undefined : events.streamOf(lastEventId);
      if (streamId === undefined || !readers.has(streamId) || !isWellFormed(headers)) return undefined;
      if (readers.get(streamId)) return conflict();
      // What its reader leaves unread is counted by who hands it out, as for every GET.
      const reader = attach(streamId, { sessionId, maxUnreadBytes: Number.POSITIVE_INFINITY, onEnd() {} });
      for (const { id, json } of events.after(lastEventId)) reader.send(json, id);
      return reader.response;
    },
  };
}
