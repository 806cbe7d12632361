import { KeptSession } from "./kept-session.ts";
import type { LegacySession } from "./legacy-session.ts";
import type { Call, Message, Outcome } from "./message.ts";
import type { OpenedRelay, Relay, RelayEnds } from "./relay.ts";
import { listChangesOf } from "./revisions.ts";
import { RunningCalls } from "./running-calls.ts";
import { ServerQuestions } from "./server-questions.ts";

/**
 * Host and server both speak the older revisions: every message goes through as it is. A session that the server
 * forgot is opened anew, with the host's own handshake.
 */
export class LegacyRelay implements Relay {
  readonly summary = "host and server both speak a revision with sessions";
  readonly #ends: RelayEnds;
  readonly #session: KeptSession;
  readonly #questions: ServerQuestions;
  readonly #running = new RunningCalls();

  private constructor(ends: RelayEnds, initialize: Call) {
    this.#ends = ends;
    this.#questions = new ServerQuestions(ends.host);
    this.#session = new KeptSession({
      ends,
      initialize,
      onMessage: (message, session) => this.#take(message, session),
      onReopened(capabilities) {
        // In the new session everything may be different.
        for (const change of listChangesOf(capabilities)) ends.host.notify(change);
      },
    });
  }

  /** Shakes hands for the host. */
  static async open(ends: RelayEnds, initialize: Call, signal: AbortSignal): Promise<OpenedRelay> {
    const relay = new LegacyRelay(ends, initialize);
    const outcome = await relay.#session.open(signal);
    return { outcome, answers: true, relay: "result" in outcome ? relay : undefined };
  }

  async request(call: Call, signal: AbortSignal): Promise<Outcome> {
    const end = this.#running.begin(call);
    try {
      return await this.#session.request(call, signal);
    } finally {
      end();
    }
  }

  notification(call: Call): void {
    if (call.method === "notifications/initialized") void this.#session.begin();
    else void this.#session.notify(call);
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  #take(message: Message, session: LegacySession): Promise<void> | void {
    const { host } = this.#ends;
    if (message.kind === "request") void this.#ask(message, session);
    if (message.kind !== "notification" || this.#questions.cancel(message.call)) return;
    if (!this.#running.mayTell(message.call)) return;
    host.notify(message.call);
    return host.drained();
  }

  async #ask({ id, call }: Extract<Message, { kind: "request" }>, session: LegacySession): Promise<void> {
    await session.answer(id, await this.#questions.ask(id, call, session.signal));
  }
}
