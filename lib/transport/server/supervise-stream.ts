import { createUnreadBuffer, type UnreadBuffer } from "./unread-buffer.ts";

/** How a stream is watched over. */
export interface Supervision {
  /** Ends the stream, e.g. when its token expires or the server stops. */
  readonly endSignal?: AbortSignal | undefined;
  /** Called once, when the stream is over for whatever reason. */
  readonly onEnd?: () => void;
  /** Bytes that wait for the reader; beyond it the stream is cut. One message may go beyond. Default 1 MiB. */
  readonly maxUnreadBytes?: number;
}

const comment = new TextEncoder().encode(":\n\n");
const defaultMaxUnreadBytes = 1024 * 1024;

/** Whether a response is a stream of server-sent events. */
export function isEventStream(response: Response): boolean {
  return response.headers.get("content-type")?.startsWith("text/event-stream") === true;
}

type Reader = Pick<ReadableStreamDefaultReader<Uint8Array>, "read" | "cancel">;

/** Reads as fast as pieces come, until the end or until too much of them waits. */
async function fill(buffer: UnreadBuffer, reader: Reader): Promise<void> {
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return buffer.end();
    if (buffer.put(value)) continue;
    buffer.drop();
    return reader.cancel();
  }
}

/**
 * Wraps a stream of server-sent events: it begins with a comment, ends when it must, and is cut when its reader
 * leaves too much of it unread. What feeds it is cancelled then: in revision 2026-07-28 that cancels the call, in
 * the older ones the call goes on and its events can be asked for with `Last-Event-ID`.
 *
 * The SDKs write into their streams without looking whether anybody reads; so they are read here as fast as they
 * come, and what waits is counted. Bun takes from this stream only what the connection takes.
 *
 * Bun sends a response's headers with the first byte of its body, so a quiet stream would look like no answer
 * (oven-sh/bun#33660, retry after 1.4.5).
 */
export function superviseStream(response: Response, supervision: Supervision): Response {
  const { endSignal, onEnd, maxUnreadBytes = defaultMaxUnreadBytes } = supervision;
  const reader = response.body?.getReader();
  if (!reader) {
    onEnd?.();
    return response;
  }
  const buffer = createUnreadBuffer(maxUnreadBytes);
  let isOver = false;
  const finish = () => {
    if (isOver) return;
    isOver = true;
    endSignal?.removeEventListener("abort", end);
    onEnd?.();
  };
  const end = () => {
    buffer.end();
    finish();
    void reader.cancel().catch(() => {});
  };
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(comment);
      if (endSignal?.aborted) return end();
      endSignal?.addEventListener("abort", end, { once: true });
      // A feeder that breaks leaves a stream that ends without its answer, which every client has to understand.
      void fill(buffer, reader).catch(buffer.end).finally(finish);
    },
    async pull(controller) {
      const piece = await buffer.take();
      if (piece) controller.enqueue(piece);
      else controller.close();
    },
    async cancel(reason) {
      finish();
      await reader.cancel(reason);
    },
  });
  return new Response(body, { status: response.status, headers: response.headers });
}

/**
 * Watches over an answer, stream or not: supervision ends with a whole answer, with a failure, or with the stream.
 *
 * @throws what `answer` throws
 */
export async function superviseAnswer(
  answer: () => Promise<Response>,
  supervision: Supervision,
): Promise<Response> {
  try {
    const response = await answer();
    if (isEventStream(response)) return superviseStream(response, supervision);
    supervision.onEnd?.();
    return response;
  } catch (error) {
    supervision.onEnd?.();
    throw error;
  }
}
