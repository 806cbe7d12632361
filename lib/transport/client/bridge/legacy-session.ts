import { sleep } from "../../../base/abort.ts";
import { toAppError } from "../../../base/errors.ts";
import type { JsonObject } from "../../../base/json.ts";
import type { Log } from "../../../base/log.ts";
import { type Call, type Message, type Outcome, type RequestId } from "./message.ts";
import { readEvents } from "./read-events.ts";
import { maxMessageBytes, type RemoteHttp } from "./remote-http.ts";

/** What may stand in a header; a server may call its revision anything. */
const headerText = /^[\x21-\x7E]{1,64}$/;
const firstPauseMs = 1000;
const maxPauseMs = 300_000;

/** What becomes of the server's messages. */
export interface SessionEvents {
  /** `during` is the call on whose stream the message came; undefined on the server's own stream. */
  onMessage(message: Message, session: LegacySession, during: Call | undefined): void | Promise<void>;
  /** The server does not know the session any more. */
  onLost(session: LegacySession): void;
}

export interface LegacySessionOptions {
  readonly http: RemoteHttp;
  readonly events: SessionEvents;
  readonly log: Log;
}

/** One session of the revisions 2024-11-05 to 2025-11-25. */
export class LegacySession {
  readonly #options: LegacySessionOptions;
  readonly #closer = new AbortController();
  #headers: Record<string, string> = {};
  #lastId = 0;
  /** What the server said at the handshake. */
  initialized: JsonObject = {};

  private constructor(options: LegacySessionOptions) {
    this.#options = options;
  }

  /** Shakes hands. A server that refuses is an outcome, and then there is no session. */
  static async open(
    options: LegacySessionOptions,
    initialize: Call,
    signal: AbortSignal,
  ): Promise<{ readonly outcome: Outcome; readonly session: LegacySession | undefined }> {
    const session = new LegacySession(options);
    const { outcome, headers } = await options.http.request({
      id: ++session.#lastId,
      call: initialize,
      headers: {},
      signal,
      limits: { idleTimeoutMs: 60_000, maxTimeMs: 60_000 },
      onMessage() {},
    });
    if ("error" in outcome) return { outcome, session: undefined };
    const id = headers.get("mcp-session-id");
    const version = outcome.result["protocolVersion"];
    if (id !== null) session.#headers["mcp-session-id"] = id;
    if (typeof version === "string" && headerText.test(version))
      session.#headers["mcp-protocol-version"] = version;
    session.initialized = outcome.result;
    return { outcome, session };
  }

  /** Fires when the session is over. */
  get signal(): AbortSignal {
    return this.#closer.signal;
  }

  /** Says that the handshake is done, and listens to what the server says by itself. */
  async begin(): Promise<void> {
    await this.notify({ method: "notifications/initialized" });
    void this.#listen();
  }

  /** Sends a request. When the caller gives up, the server is told. */
  async request(call: Call, signal: AbortSignal): Promise<Outcome> {
    const { http, events } = this.#options;
    const id = ++this.#lastId;
    try {
      const request = { id, call, headers: this.#headers, signal };
      const onMessage = (message: Message) => events.onMessage(message, this, call);
      return (await http.request({ ...request, onMessage })).outcome;
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.code === "interrupted" || error.code === "timeout") {
        const params = { requestId: id, reason: error.message };
        await this.notify({ method: "notifications/cancelled", params });
      }
      throw error;
    }
  }

  /** Tells the server something; that it did not arrive is logged, and that is all. */
  async notify({ method, params }: Call): Promise<void> {
    await this.#tell({ method, ...(params && { params }) });
  }

  /** Answers what the server asked. */
  async answer(id: RequestId, outcome: Outcome): Promise<void> {
    await this.#tell({ id, ...outcome });
  }

  /** Ends the session, with a word to the server if that is wanted; 4 s at most. */
  async close({ tellsServer = true } = {}): Promise<void> {
    if (this.#closer.signal.aborted) return;
    this.#closer.abort();
    await this.#options.http.settle();
    if (!tellsServer || this.#headers["mcp-session-id"] === undefined) return;
    await this.#options.http.endSession(this.#headers).catch(() => {});
  }

  async #tell(message: object): Promise<void> {
    const { http, log } = this.#options;
    await http.tell(message, this.#headers).catch((thrown: unknown) => {
      log.debug(`A message did not reach the server: ${toAppError(thrown).message}`);
    });
  }

  /** GET: the server's own stream, as long as the session lasts. A server may have none. */
  async #listen(): Promise<void> {
    const { signal } = this.#closer;
    let lastEventId: string | undefined;
    let pauseMs = firstPauseMs;
    while (!signal.aborted) {
      const response = await this.#openStream(lastEventId);
      if (response?.status === 404) return this.#options.events.onLost(this);
      if (response && response.status < 500 && !response.ok) return;
      const heard = response?.ok && response.body ? await this.#hear(response.body) : undefined;
      lastEventId = heard?.lastEventId ?? lastEventId;
      // A stream that ends without a word is not taken up ever faster.
      pauseMs = heard?.hasMessages ? firstPauseMs : Math.min(pauseMs * 2, heard ? 30_000 : maxPauseMs);
      const waitMs = heard?.hasMessages ? (heard.retryMs ?? firstPauseMs) : pauseMs / 2;
      await sleep(waitMs, { signal }).catch(() => {});
    }
  }

  async #hear(body: ReadableStream<Uint8Array>) {
    let hasMessages = false;
    const take = (message: Message) => {
      hasMessages = true;
      return this.#options.events.onMessage(message, this, undefined);
    };
    const rest = await readEvents(body, maxMessageBytes, take).catch(() => undefined);
    return { lastEventId: rest?.lastEventId, retryMs: rest?.retryMs, hasMessages };
  }

  async #openStream(lastEventId: string | undefined): Promise<Response | undefined> {
    const headers = { ...this.#headers, ...(lastEventId !== undefined && { "last-event-id": lastEventId }) };
    try {
      const response = await this.#options.http.openStream(headers, this.#closer.signal);
      if (!response.ok) await response.body?.cancel().catch(() => {});
      return response;
    } catch {
      return undefined;
    }
  }
}
