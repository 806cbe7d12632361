import { createUnreadBuffer } from "../unread-buffer.ts";

/** A stream of server-sent events that is written here. */
export interface EventStream {
  readonly response: Response;
  /** Sends one JSON-RPC message, as its JSON. */
  send(message: string): void;
  /** Ends the stream after what was sent. */
  end(): void;
}

export interface EventStreamOptions {
  /** Bytes that its reader may leave unread; one message may go beyond. */
  readonly maxUnreadBytes: number;
  /** The reader has gone, or reads too slowly. */
  readonly onLost: () => void;
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

/** Opens a stream; Bun takes from it only what the connection takes. */
export function openEventStream({ maxUnreadBytes, onLost }: EventStreamOptions): EventStream {
  const buffer = createUnreadBuffer(maxUnreadBytes);
  const lose = () => {
    clearInterval(timer);
    buffer.drop();
    onLost();
  };
  const put = (bytes: Uint8Array) => {
    if (!buffer.put(bytes)) lose();
  };
  const timer = setInterval(put, keepAliveMs, keepAlive);
  timer.unref();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(opening),
    async pull(controller) {
      const piece = await buffer.take();
      if (piece) controller.enqueue(piece);
      else controller.close();
    },
    cancel: lose,
  });
  return {
    response: new Response(body, { headers }),
    send: (message) => put(encoder.encode(`event: message\ndata: ${message}\n\n`)),
    end() {
      clearInterval(timer);
      buffer.end();
    },
  };
}
