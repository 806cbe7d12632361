import { securityHeaders } from "./answer.ts";

/** A stream of server-sent events, as its writer sees it. */
export interface EventStream {
  readonly response: Response;
  /** Fires when the reader has gone. */
  readonly closed: AbortSignal;
  send(event: string, data: unknown): void;
  end(): void;
}

/**
 * Opens a stream of server-sent events with one line of JSON each. What is sent after its end is dropped.
 *
 * @param keepAliveMs milliseconds after which a comment tells proxies that the stream lives, again and again
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function openEventStream(keepAliveMs = 15_000): EventStream {
  const encoder = new TextEncoder();
  const closed = new AbortController();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const write = (text: string) => controller?.enqueue(encoder.encode(text));
  const keepAlive = setInterval(() => write(": keepalive\n\n"), keepAliveMs);
  const finish = () => {
    clearInterval(keepAlive);
    controller = undefined;
  };
  const body = new ReadableStream<Uint8Array>({
    start: (own) => void (controller = own),
    cancel() {
      finish();
      closed.abort();
    },
  });
  const headers = { ...securityHeaders, "content-type": "text/event-stream", "x-accel-buffering": "no" };
  return {
    response: new Response(body, { headers }),
    closed: closed.signal,
    send: (event, data) => write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
    end() {
      controller?.close();
      finish();
    },
  };
}
