import { type JsonObject, toJsonObject } from "../../../base/json.ts";
import { askHost } from "./ask-host.ts";
import { keepListening } from "./keep-listening.ts";
import { type Call, type Message, type Outcome, rpcError } from "./message.ts";
import type { ModernServer } from "./modern-server.ts";
import type { OpenedRelay, Relay, RelayEnds } from "./relay.ts";
import {
  askingMethods,
  legacyRevisions,
  listenFilter,
  metaKeys,
  metaOf,
  modernRevision,
  withMeta,
} from "./revisions.ts";
import { RunningCalls } from "./running-calls.ts";

/** A server may ask back so often for one request. */
const maxRounds = 10;
const maxSubscribed = 1000;

/** What of the host's capabilities has the same meaning in the modern revision. */
function toModernCapabilities(capabilities: JsonObject): JsonObject {
  const { roots, tasks: _tasks, ...others } = capabilities;
  return { ...others, ...(roots !== undefined && { roots: {} }) };
}

/** A result as the older revisions have it. */
function toLegacyResult(result: JsonObject): JsonObject {
  const { resultType: _type, ttlMs: _ttl, cacheScope: _scope, ...rest } = result;
  return rest;
}

/**
 * The host speaks an older revision, the server 2026-07-28: the bridge keeps for the host what the server does not
 * (handshake, log level, subscriptions), and turns the server's questions into the requests that the host knows.
 */
export class UpgradingRelay implements Relay {
  readonly summary = `the host speaks a revision with sessions, the server ${modernRevision}`;
  readonly #ends: RelayEnds;
  readonly #server: ModernServer;
  readonly #envelope: JsonObject;
  readonly #capabilities: JsonObject;
  readonly #running = new RunningCalls();
  readonly #subscribed = new Set<string>();
  #logLevel: unknown;
  #listening: AbortController | undefined;

  private constructor(
    ends: RelayEnds,
    server: ModernServer,
    known: { initialize: Call; discovered: JsonObject },
  ) {
    this.#ends = ends;
    this.#server = server;
    this.#envelope = envelopeOf(known.initialize);
    this.#capabilities = toJsonObject(known.discovered["capabilities"]);
  }

  /** Answers the host's handshake from what the server says about itself. */
  static open(
    ends: RelayEnds,
    server: ModernServer,
    known: { readonly initialize: Call; readonly discovered: JsonObject },
  ): OpenedRelay {
    const { initialize, discovered } = known;
    const wanted = String(initialize.params?.["protocolVersion"]);
    const { capabilities, instructions } = discovered;
    const { [metaKeys.serverInfo]: named } = toJsonObject(discovered["_meta"]);
    const result = {
      protocolVersion: legacyRevisions.includes(wanted) ? wanted : legacyRevisions[0],
      capabilities: toJsonObject(capabilities),
      serverInfo: { name: "mcp-server", version: "unknown", ...toJsonObject(named) },
      ...(typeof instructions === "string" && { instructions }),
    };
    return { relay: new UpgradingRelay(ends, server, known), answers: true, outcome: { result } };
  }

  async request(call: Call, signal: AbortSignal): Promise<Outcome> {
    switch (call.method) {
      case "ping":
        return { result: {} };
      case "logging/setLevel":
        this.#logLevel = call.params?.["level"];
        return { result: {} };
      case "resources/subscribe":
      case "resources/unsubscribe":
        return this.#subscribe(call);
      default:
        return this.#converse(call, signal);
    }
  }

  notification({ method }: Call): void {
    if (method === "notifications/initialized") void this.#listen();
  }

  async close(): Promise<void> {
    this.#listening?.abort();
    await this.#ends.http.settle();
  }

  /** Sends a request, and again with the host's answers for as long as the server asks back. */
  async #converse(call: Call, signal: AbortSignal): Promise<Outcome> {
    const end = this.#running.begin(call);
    try {
      let params = call.params;
      for (let round = 0; round <= maxRounds; round++) {
        const asked = this.#withEnvelope({ method: call.method, params });
        const outcome = await this.#server.request(asked, {
          signal,
          onMessage: (message) => this.#take(message),
        });
        if ("error" in outcome) return outcome;
        const { resultType = "complete", inputRequests, requestState } = outcome.result;
        if (resultType === "complete") return { result: toLegacyResult(outcome.result) };
        if (resultType !== "input_required" || !askingMethods.includes(call.method)) {
          return rpcError(
            -32_603,
            "The server answers in a way that the host's revision of MCP does not have.",
          );
        }
        const answers = await askHost(this.#ends.host, inputRequests, signal);
        if ("error" in answers) return answers;
        const state = requestState === undefined ? {} : { requestState };
        params = { ...call.params, inputResponses: answers.result, ...state };
      }
      return rpcError(-32_603, "The server asks back without end.");
    } finally {
      end();
    }
  }

  #withEnvelope(call: Call): Call {
    const level = this.#logLevel === undefined ? {} : { [metaKeys.logLevel]: this.#logLevel };
    return withMeta(call, { ...this.#envelope, ...level });
  }

  #take(message: Message): Promise<void> | void {
    if (message.kind === "notification" && this.#running.mayTell(message.call))
      return this.#tell(message.call);
  }

  #tell(call: Call): Promise<void> {
    this.#ends.host.notify(call);
    return this.#ends.host.drained();
  }

  async #subscribe({ method, params }: Call): Promise<Outcome> {
    const uri = params?.["uri"];
    if (typeof uri !== "string") return rpcError(-32_602, "The request needs a uri.");
    if (method === "resources/unsubscribe") this.#subscribed.delete(uri);
    else if (this.#subscribed.size >= maxSubscribed) return rpcError(-32_603, "Too many subscriptions.");
    else this.#subscribed.add(uri);
    await this.#listen();
    return { result: {} };
  }

  /** Listens anew with what is wanted now; the old stream ends when the new one stands, so that nothing is missed. */
  async #listen(): Promise<void> {
    const former = this.#listening;
    const notifications = listenFilter(this.#capabilities, this.#subscribed);
    if (Object.keys(notifications).length === 0) return former?.abort();
    const listening = new AbortController();
    this.#listening = listening;
    const standing = Promise.withResolvers<void>();
    const over = () => {
      former?.abort();
      standing.resolve();
    };
    keepListening({
      server: this.#server,
      call: withMeta({ method: "subscriptions/listen", params: { notifications } }, this.#envelope),
      signal: listening.signal,
      onAcknowledged: over,
      onChange: (change) => this.#pass(change, listening),
    }).then(over, over);
    await standing.promise;
  }

  #pass({ method, params }: Call, listening: AbortController): Promise<void> | void {
    if (this.#listening !== listening) return;
    const { [metaKeys.subscriptionId]: _id, ..._meta } = metaOf({ method, params });
    const { _meta: _old, ...rest } = params ?? {};
    return this.#tell({ method, params: { ...rest, ...(Object.keys(_meta).length > 0 && { _meta }) } });
  }
}

function envelopeOf({ params }: Call): JsonObject {
  return {
    [metaKeys.protocolVersion]: modernRevision,
    [metaKeys.clientInfo]: toJsonObject(params?.["clientInfo"]),
    [metaKeys.clientCapabilities]: toModernCapabilities(toJsonObject(params?.["capabilities"])),
  };
}

/** The request by which a server tells what it can do, made from the host's handshake. */
export function discoverFor(initialize: Call): Call {
  return withMeta({ method: "server/discover" }, envelopeOf(initialize));
}
