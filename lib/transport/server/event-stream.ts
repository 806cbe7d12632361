/** A stream of server-sent events that is written here. */
export interface EventStream {
  readonly response: Response;
  /**
   * Sends one JSON-RPC message, as its JSON.
   *
   * @param id with which it can be asked for again
   */
  send(message: string, id?: string): void;
  /** Tells the reader, before there is a message, with which id it can come back and after how many milliseconds. */
  prime(id: string, reconnectAfterMs: number): void;
  /** Ends the stream after what was sent. */
  end(): void;
}

export interface EventStreamOptions {
  /** Bytes that its reader may leave unread; one message may go beyond. */
  readonly maxUnreadBytes: number;
  /** The reader has gone, or reads too slowly. */
  readonly onLost: () => void;
  /** Of the session to which the stream belongs. */
  readonly sessionId?: string;
}

/** As both SDKs send them. */
const headers = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache, no-transform",
  connection: "keep-alive",
  "x-accel-buffering": "no",
} as const;

const encoder = new TextEncoder();
/** Bun sends a response's headers with the first byte of its body (oven-sh/bun#33660, retry after 1.4.5). */
const opening = encoder.encode(":\n\n");
const keepAlive = encoder.encode(": keepalive\n\n");
const keepAliveMs = 15_000;

/**
 * Opens a stream. What its reader has not taken waits in the stream itself, and is counted: Bun takes only what the
 * connection takes.
 */
export function openEventStream({ maxUnreadBytes, onLost, sessionId }: EventStreamOptions): EventStream {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const close = () => {
    clearInterval(timer);
    controller?.close();
    controller = undefined;
  };
  const put = (bytes: Uint8Array) => {
    if (!controller) return;
    if ((controller.desiredSize ?? 0) > 0) return controller.enqueue(bytes);
    close();
    onLost();
  };
  const timer = setInterval(put, keepAliveMs, keepAlive);
  timer.unref();
  const body = new ReadableStream<Uint8Array>(
    {
      start(started) {
        controller = started;
        put(opening);
      },
      cancel() {
        controller = undefined;
        clearInterval(timer);
        onLost();
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: maxUnreadBytes }),
  );
  return {
    response: new Response(body, {
      headers: sessionId === undefined ? headers : { ...headers, "mcp-session-id": sessionId },
    }),
    send(message, id) {
      const idLine = id === undefined ? "" : `id: ${id}\n`;
      put(encoder.encode(`event: message\n${idLine}data: ${message}\n\n`));
    },
    prime: (id, reconnectAfterMs) => put(encoder.encode(`id: ${id}\nretry: ${reconnectAfterMs}\ndata: \n\n`)),
    end: close,
  };
}
