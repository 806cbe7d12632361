import { toAppError } from "../../../base/errors.ts";
import type { HostChannel } from "./host-channel.ts";
import { type Call, type Outcome, type RequestId, rpcError, toRpcError } from "./message.ts";

const maxOpen = 100;

/** What a server of the older revisions asks the host: sampling, elicitation, roots, ping. */
export class ServerQuestions {
  readonly #host: HostChannel;
  readonly #open = new Map<RequestId, AbortController>();

  constructor(host: HostChannel) {
    this.#host = host;
  }

  /** Passes a question to the host; the answer may be an error of ours. Never throws. */
  async ask(id: RequestId, call: Call, signal: AbortSignal): Promise<Outcome> {
    if (this.#open.has(id))
      return rpcError(-32_600, "This id belongs to a request that is not answered yet.");
    if (this.#open.size >= maxOpen) return rpcError(-32_603, "The host has too many questions to answer.");
    const controller = new AbortController();
    this.#open.set(id, controller);
    try {
      return await this.#host.ask(call, AbortSignal.any([signal, controller.signal]));
    } catch (thrown) {
      return { error: toRpcError(toAppError(thrown)) };
    } finally {
      this.#open.delete(id);
    }
  }

  /** Takes a question back, when the server does; false when the notification is about something else. */
  cancel({ method, params }: Call): boolean {
    if (method !== "notifications/cancelled") return false;
    const id = params?.["requestId"];
    if (typeof id === "string" || typeof id === "number") this.#open.get(id)?.abort();
    return true;
  }
}
