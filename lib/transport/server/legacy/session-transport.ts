import {
  WebStandardStreamableHTTPServerTransport,
  type WebStandardStreamableHTTPServerTransportOptions,
} from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import type { RequestId } from "../message.ts";
import type { RunningRequests } from "./running-requests.ts";

type SendOptions = Parameters<WebStandardStreamableHTTPServerTransport["send"]>[1];

/** The SDK's transport of one session, which also knows which requests have no answer yet. */
export class SessionTransport extends WebStandardStreamableHTTPServerTransport {
  readonly #running: RunningRequests;
  readonly #endings: WeakSet<object>;

  /** @param endings takes in the messages with which streams end that nobody may take up again */
  constructor(
    options: WebStandardStreamableHTTPServerTransportOptions,
    { running, endings }: { readonly running: RunningRequests; readonly endings: WeakSet<object> },
  ) {
    super(options);
    this.#running = running;
    this.#endings = endings;
  }

  /** Sends a message; an answer ends its request. */
  override async send(message: JSONRPCMessage, options?: SendOptions): Promise<void> {
    try {
      await super.send(message, options);
    } finally {
      const isAnswer = "result" in message || "error" in message;
      if (isAnswer && message.id !== undefined) this.#running.end(message.id);
    }
  }

  /**
   * Frees what belongs to a request that was cancelled: no answer will come, and the SDK would keep its stream and
   * its place in the session for as long as that lives. The stream ends without an answer; in a batch, whose
   * other answers are still to come, it gets an error.
   *
   * @see MCP 2025-11-25 basic/utilities/cancellation, "Free associated resources"
   */
  async free(id: RequestId): Promise<void> {
    const request = this.#running.get(id);
    if (!request) return;
    request.cancel?.();
    const answer = {
      jsonrpc: "2.0",
      id,
      error: { code: -32_603, message: "The call was cancelled." },
    } as const;
    if (request.isAlone) {
      this.closeSSEStream(id);
      this.#endings.add(answer);
    }
    // A stream that cannot be resumed and is gone already makes the SDK throw after it has cleaned up.
    await this.send(answer).catch(() => {});
  }
}
