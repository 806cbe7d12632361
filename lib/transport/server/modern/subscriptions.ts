import type { McpHttpHandler } from "@modelcontextprotocol/server";
import { AppError } from "../../../base/errors.ts";
import type { Principal } from "../../../base/principal.ts";
import { toAuthInfo } from "../auth-info.ts";
import { toErrorAnswer } from "../error-answer.ts";
import { createInFlight } from "../in-flight.ts";
import { superviseAnswer } from "../supervise-stream.ts";

export interface SubscriptionsOptions {
  /** Gives a handler of its own to each stream, so that one can be ended by itself. */
  readonly open: () => McpHttpHandler;
  /** Streams of all callers together; beyond it none is opened. Default 1024. */
  readonly max?: number;
}

/** One `subscriptions/listen`, its token verified and its body parsed. */
export interface ListenRequest {
  readonly request: Request;
  readonly principal: Principal | undefined;
  readonly body: unknown;
  /** Ends the stream with its result. */
  readonly endSignal: AbortSignal;
  /** Called once, when the stream is over for whatever reason. */
  readonly onEnd: () => void;
  /** Bytes that the reader may leave unread. */
  readonly maxUnreadBytes: number;
}

/** The streams of `subscriptions/listen`. */
export interface Subscriptions {
  listen(request: ListenRequest): Promise<Response>;
}

function readId(body: unknown): string | number | undefined {
  const id = typeof body === "object" && body !== null && "id" in body ? body.id : undefined;
  return typeof id === "string" || typeof id === "number" ? id : undefined;
}

function refuse(body: unknown): Response {
  const error = new AppError("too_many_subscriptions", "The server has no room for a further subscription.", {
    retryAfterSeconds: 5,
  });
  return toErrorAnswer(error, readId(body));
}

/**
 * Opens the streams on which the 2026-07-28 revision tells of changes. When the server stops, or the caller's
 * token ends, a stream ends with the result of its request, so that the client knows that nothing broke.
 *
 * @see MCP 2026-07-28 basic/patterns/subscriptions
 */
export function createSubscriptions({ open, max = 1024 }: SubscriptionsOptions): Subscriptions {
  const running = createInFlight();

  async function answer({ request, principal, body }: ListenRequest, handler: McpHttpHandler) {
    if (running.count() > max) return refuse(body);
    return handler.fetch(request, { parsedBody: body, ...toAuthInfo(principal) });
  }

  return {
    async listen(incoming) {
      const { endSignal } = incoming;
      const release = running.begin();
      const handler = open();
      const end = () => void handler.close();
      const onEnd = () => {
        endSignal.removeEventListener("abort", end);
        release();
        incoming.onEnd();
      };
      const start = async () => {
        const response = await answer(incoming, handler);
        endSignal.addEventListener("abort", end, { once: true });
        if (endSignal.aborted) end();
        return response;
      };
      return superviseAnswer(start, { onEnd, maxUnreadBytes: incoming.maxUnreadBytes });
    },
  };
}
