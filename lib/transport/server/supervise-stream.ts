/** How a stream is watched over. */
export interface Supervision {
  /** Ends the stream, e.g. when its token expires or the server stops. */
  readonly endSignal?: AbortSignal | undefined;
  /** Called once, when the stream is over for whatever reason. */
  readonly onEnd?: () => void;
}

const comment = new TextEncoder().encode(":\n\n");

/** Whether a response is a stream of server-sent events. */
export function isEventStream(response: Response): boolean {
  return response.headers.get("content-type")?.startsWith("text/event-stream") === true;
}

/**
 * Wraps a stream of server-sent events: it begins with a comment and ends when it must.
 *
 * Bun sends a response's headers with the first byte of its body, so a quiet stream would look like no answer
 * (oven-sh/bun#33660, retry after 1.4.5).
 */
export function superviseStream(response: Response, { endSignal, onEnd }: Supervision): Response {
  const reader = response.body?.getReader();
  if (!reader) {
    onEnd?.();
    return response;
  }
  let isOver = false;
  const finish = () => {
    if (isOver) return;
    isOver = true;
    endSignal?.removeEventListener("abort", end);
    onEnd?.();
  };
  let close = () => {};
  const end = () => {
    close();
    void reader.cancel().catch(() => {});
    finish();
  };
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      close = () => {
        if (!isOver) controller.close();
      };
      controller.enqueue(comment);
      if (endSignal?.aborted) end();
      endSignal?.addEventListener("abort", end, { once: true });
    },
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (isOver) return;
        if (!done) return controller.enqueue(value);
        controller.close();
      } catch (error) {
        if (!isOver) controller.error(error);
      }
      finish();
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
