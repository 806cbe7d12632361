import { unlessAborted } from "../../../base/abort.ts";
import { AppError, toAppError } from "../../../base/errors.ts";
import { type JsonObject, toJsonObject } from "../../../base/json.ts";
import { LegacySession, type SessionEvents } from "./legacy-session.ts";
import type { Call, Outcome } from "./message.ts";
import type { RelayEnds } from "./relay.ts";

/** So many subscribed resources are taken along into a new session. */
const maxSubscribed = 1000;

export interface KeptSessionOptions {
  readonly ends: RelayEnds;
  /** With what every session begins. */
  readonly initialize: Call;
  readonly onMessage: SessionEvents["onMessage"];
  /** A new session stands in the place of a lost one. */
  onReopened(capabilities: JsonObject): void;
}

function explainLostAgain({ cause }: AppError): AppError {
  // A 400 in a session may have had another reason than the session.
  if (cause instanceof AppError) return cause;
  return new AppError("connection_lost", "The server ended the session, and the new one at once again.", {
    hint: "The request was not run.",
  });
}

/** A session of the older revisions that is opened anew when the server forgot it. */
export class KeptSession {
  readonly #options: KeptSessionOptions;
  readonly #subscribed = new Set<string>();
  readonly #closer = new AbortController();
  #logLevel: unknown;
  #session: LegacySession | undefined;
  #beginning: Promise<void> = Promise.resolve();
  #reopening: Promise<LegacySession> | undefined;

  constructor(options: KeptSessionOptions) {
    this.#options = options;
  }

  /** Shakes hands; there is a session afterwards unless the outcome is an error. */
  async open(signal: AbortSignal): Promise<Outcome> {
    const { outcome, session } = await this.#open(signal);
    this.#session = session;
    return outcome;
  }

  /** What the server said that it can do. */
  get capabilities(): JsonObject {
    return toJsonObject(this.#session?.initialized["capabilities"]);
  }

  /** Ends the handshake; requests that come now wait until the server knows. */
  begin(): Promise<void> {
    this.#beginning = this.#session?.begin() ?? Promise.resolve();
    return this.#beginning;
  }

  async notify(call: Call): Promise<void> {
    await this.#session?.notify(call);
  }

  /** Sends a request, once more in a new session if the server forgot the old one. */
  async request(call: Call, signal: AbortSignal): Promise<Outcome> {
    await unlessAborted(this.#beginning, signal);
    const outcome = await this.#send(call, signal);
    if ("result" in outcome) this.#remember(call);
    return outcome;
  }

  async close(): Promise<void> {
    this.#closer.abort(new AppError("interrupted", "The bridge is closed."));
    await this.#session?.close();
  }

  #open(signal: AbortSignal) {
    const { ends, initialize, onMessage } = this.#options;
    const onLost = (session: LegacySession) => void this.#replace(session).catch(() => {});
    return LegacySession.open({ ...ends, events: { onMessage, onLost } }, initialize, signal);
  }

  async #send(call: Call, signal: AbortSignal): Promise<Outcome> {
    const session = this.#session;
    if (!session) throw new AppError("unexpected", "There is no session.");
    try {
      return await session.request(call, signal);
    } catch (thrown) {
      if (toAppError(thrown).code !== "session_not_found") throw thrown;
    }
    // 404 says that the request was not run (MCP 2025-11-25, transports, session management).
    const fresh = await unlessAborted(this.#replace(session), signal);
    try {
      return await fresh.request(call, signal);
    } catch (thrown) {
      const error = toAppError(thrown);
      throw error.code === "session_not_found" ? explainLostAgain(error) : error;
    }
  }

  /** Gives a session that is newer than the stale one; requests that lost it together share it. */
  #replace(stale: LegacySession): Promise<LegacySession> {
    if (this.#session && this.#session !== stale) return Promise.resolve(this.#session);
    this.#reopening ??= this.#reopen(stale).finally(() => {
      this.#reopening = undefined;
    });
    return this.#reopening;
  }

  async #reopen(stale: LegacySession): Promise<LegacySession> {
    const { outcome, session } = await this.#open(this.#closer.signal);
    if (!session) {
      const said = "error" in outcome ? ` (error ${outcome.error.code})` : "";
      throw new AppError("connection_lost", `The server ended the session and opens no new one${said}.`);
    }
    this.#session = session;
    // Its questions have nobody left who waits for the answer.
    void stale.close({ tellsServer: false });
    await session.begin();
    await this.#restore(session);
    this.#options.ends.log.info("The server forgot the session; a new one is open.");
    this.#options.onReopened(this.capabilities);
    return session;
  }

  /** Brings the new session to where the old one was. */
  async #restore(session: LegacySession): Promise<void> {
    const calls: Call[] = [...this.#subscribed].map((uri) => ({
      method: "resources/subscribe",
      params: { uri },
    }));
    if (this.#logLevel !== undefined) {
      calls.push({ method: "logging/setLevel", params: { level: this.#logLevel } });
    }
    await Promise.allSettled(calls.map((call) => session.request(call, this.#closer.signal)));
  }

  #remember({ method, params }: Call): void {
    const uri = params?.["uri"];
    if (method === "logging/setLevel") this.#logLevel = params?.["level"];
    if (typeof uri !== "string") return;
    if (method === "resources/unsubscribe") this.#subscribed.delete(uri);
    if (method === "resources/subscribe" && this.#subscribed.size < maxSubscribed) this.#subscribed.add(uri);
  }
}
