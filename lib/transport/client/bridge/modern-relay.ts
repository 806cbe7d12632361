import { keepListening } from "./keep-listening.ts";
import type { Call, Message, Outcome, RequestId } from "./message.ts";
import type { ModernServer } from "./modern-server.ts";
import type { Relay, RelayEnds } from "./relay.ts";
import { metaKeys, modernRevision, withMeta } from "./revisions.ts";
import { toJsonObject } from "../../../base/json.ts";
import { RunningCalls } from "./running-calls.ts";

/** Host and server both speak 2026-07-28: every message goes through as it is, with the headers that HTTP wants. */
export class ModernRelay implements Relay {
  readonly summary = `host and server both speak ${modernRevision}`;
  readonly #ends: RelayEnds;
  readonly #server: ModernServer;
  readonly #running = new RunningCalls();

  constructor(ends: RelayEnds, server: ModernServer) {
    this.#ends = ends;
    this.#server = server;
  }

  async request(call: Call, signal: AbortSignal, id: RequestId): Promise<Outcome> {
    if (call.method === "subscriptions/listen") return this.#listen(call, signal, id);
    const end = this.#running.begin(call);
    try {
      return await this.#server.request(call, { signal, onMessage: (message) => this.#take(message) });
    } finally {
      end();
    }
  }

  /** This revision has none over HTTP but cancellations, which are no message there. */
  notification(): void {}

  async close(): Promise<void> {
    await this.#ends.http.settle();
  }

  #take(message: Message): Promise<void> | void {
    const { host } = this.#ends;
    if (message.kind !== "notification" || !this.#running.mayTell(message.call)) return;
    host.notify(message.call);
    return host.drained();
  }

  /** The host knows its subscription by the id of its own request. */
  async #listen(call: Call, signal: AbortSignal, id: RequestId): Promise<Outcome> {
    const tagged = { [metaKeys.subscriptionId]: id };
    const tell = (change: Call) => {
      this.#ends.host.notify(withMeta(change, tagged));
      return this.#ends.host.drained();
    };
    const outcome = await keepListening({
      server: this.#server,
      call,
      signal,
      onAcknowledged: (acknowledgement) => void tell(acknowledgement),
      onChange: tell,
    });
    if ("error" in outcome) return outcome;
    return { result: { ...outcome.result, _meta: { ...toJsonObject(outcome.result["_meta"]), ...tagged } } };
  }
}
