import { toAppError } from "../../../base/errors.ts";
import type { HostHandlers } from "./host-channel.ts";
import { type Call, invalidRequest, type Outcome, type RequestId, rpcError } from "./message.ts";
import { openForLegacyHost, openForModernHost } from "./open-relay.ts";
import type { OpenedRelay, Relay, RelayEnds } from "./relay.ts";
import { claimedRevision } from "./revisions.ts";

type Family = "legacy" | "modern";

function familyOf(call: Call): Family | undefined {
  if (call.method === "initialize") return "legacy";
  return claimedRevision(call) === undefined ? undefined : "modern";
}

/**
 * Connects one host to one server: the first request says which family of revisions the host speaks, the server is
 * asked which it speaks, and a relay carries everything between them.
 */
export class Bridge implements HostHandlers {
  readonly #ends: RelayEnds;
  #family: Family | undefined;
  #relay: Relay | undefined;
  #opening: Promise<OpenedRelay> | undefined;

  constructor(ends: RelayEnds) {
    this.#ends = ends;
  }

  async request(call: Call, signal: AbortSignal, id: RequestId): Promise<Outcome> {
    try {
      return await this.#request(call, signal, id);
    } catch (thrown) {
      const error = toAppError(thrown);
      // The host shows it to a person, or does not; its log has it in any case.
      if (!signal.aborted) this.#ends.log.warn(`${error.message} ${error.hint ?? ""}`.trim());
      throw error;
    }
  }

  notification(call: Call): void {
    this.#relay?.notification(call);
  }

  /** Ends the session at the server and everything that is open; 4 s at most. */
  async close(): Promise<void> {
    await this.#opening?.catch(() => {});
    await this.#relay?.close();
  }

  async #request(call: Call, signal: AbortSignal, id: RequestId): Promise<Outcome> {
    const family = familyOf(call);
    const isNew = call.method === "initialize" || (family === "modern" && this.#family !== "modern");
    if (isNew && !this.#opening) return this.#open(call, signal, id);
    if (this.#opening) await this.#opening.catch(() => {});
    if (this.#relay) return this.#relay.request(call, signal, id);
    if (family === "modern") return this.#open(call, signal, id);
    if (call.method === "ping") return { result: {} };
    if (call.method === "server/discover") return rpcError(-32_601, "Method not found");
    return rpcError(invalidRequest, "The first request must be initialize.");
  }

  async #open(call: Call, signal: AbortSignal, id: RequestId): Promise<Outcome> {
    const family = familyOf(call) ?? "legacy";
    const former = this.#relay;
    this.#relay = undefined;
    void former?.close();
    const open = family === "legacy" ? openForLegacyHost : openForModernHost;
    this.#opening = open(this.#ends, call, signal);
    try {
      const { relay, outcome, answers } = await this.#opening;
      this.#relay = relay;
      this.#family = relay && family;
      if (!relay) return outcome;
      this.#ends.log.info(`Connected: ${relay.summary}.`);
      return answers ? outcome : await relay.request(call, signal, id);
    } finally {
      this.#opening = undefined;
    }
  }
}
