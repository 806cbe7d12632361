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
type Controller = ReadableStreamDefaultController<Uint8Array>;

/** Passes on one piece and says whether more may follow. */
async function passOn(reader: Reader, controller: Controller): Promise<boolean> {
  const { done, value } = await reader.read();
  if (done) return false;
  if ((controller.desiredSize ?? 0) <= 0) throw new Error("The stream was cut: its reader does not read.");
  controller.enqueue(value);
  return true;
}

/** Passes everything on; afterwards nothing is left open on either side. */
async function pump(reader: Reader, controller: Controller, isOver: () => boolean): Promise<void> {
  try {
    while (await passOn(reader, controller));
    if (!isOver()) controller.close();
  } catch (error) {
    if (!isOver()) controller.error(error);
    void reader.cancel().catch(() => {});
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
  const { endSignal, onEnd, maxUnreadBytes: highWaterMark = defaultMaxUnreadBytes } = supervision;
  const reader = response.body?.getReader();
  if (!reader) {
    onEnd?.();
    return response;
  }
  let isOver = false;
  let close = () => {};
  const finish = () => {
    if (isOver) return;
    isOver = true;
    endSignal?.removeEventListener("abort", end);
    onEnd?.();
  };
  const end = () => {
    if (!isOver) close();
    finish();
    void reader.cancel().catch(() => {});
  };
  const strategy = new ByteLengthQueuingStrategy({ highWaterMark });
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        close = () => controller.close();
        controller.enqueue(comment);
        if (endSignal?.aborted) return end();
        endSignal?.addEventListener("abort", end, { once: true });
        void pump(reader, controller, () => isOver).then(finish);
      },
      async cancel(reason) {
        finish();
        await reader.cancel(reason);
      },
    },
    strategy,
  );
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
