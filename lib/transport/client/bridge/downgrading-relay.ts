import { unlessAborted } from "../../../base/abort.ts";
import { AppError } from "../../../base/errors.ts";
import { type JsonObject, toJsonObject } from "../../../base/json.ts";
import { questionMethods } from "./ask-host.ts";
import { HostSubscriptions } from "./host-subscriptions.ts";
import { KeptSession } from "./kept-session.ts";
import type { LegacySession } from "./legacy-session.ts";
import {
  type Call,
  invalidParams,
  type Message,
  methodNotFound,
  type Outcome,
  type RequestId,
  rpcError,
} from "./message.ts";
import { ParkedCall } from "./parked-call.ts";
import type { OpenedRelay, Relay, RelayEnds } from "./relay.ts";
import {
  askingMethods,
  cacheableMethods,
  claimedRevision,
  legacyRevisions,
  metaKeys,
  metaOf,
  modernRevision,
  progressTokenOf,
  withoutEnvelope,
} from "./revisions.ts";

/** A call whose question the host does not answer is given up after this. */
const parkedLimitMs = 600_000;
const maxParked = 100;
const unsupportedVersion = -32_022;

/** A request of the host that runs, as the call that was sent for it is known to the session. */
interface Running {
  readonly parked: ParkedCall;
  /** The host's latest request for it: it may have another progress token than the first one. */
  asked: Call | undefined;
  readonly firstToken: RequestId | undefined;
}

/** What the server can do, as the modern revision says it. */
function toModernCapabilities(capabilities: JsonObject): JsonObject {
  const { tasks: _tasks, ...others } = capabilities;
  return others;
}

const capabilityOf: Readonly<Record<string, string>> = {
  "elicitation/create": "elicitation",
  "sampling/createMessage": "sampling",
  "roots/list": "roots",
};

function canBeAsked(asked: Call | undefined, method: string): boolean {
  if (!asked || !questionMethods.includes(method) || !askingMethods.includes(asked.method)) return false;
  const capabilities = toJsonObject(metaOf(asked)[metaKeys.clientCapabilities]);
  return capabilities[capabilityOf[method] ?? ""] !== undefined;
}

/**
 * The host speaks 2026-07-28, the server an older revision: the bridge keeps one session for the host, and hands the
 * server's questions to it as results that ask for input.
 */
export class DowngradingRelay implements Relay {
  readonly summary = `the host speaks ${modernRevision}, the server a revision with sessions`;
  readonly #ends: RelayEnds;
  readonly #session: KeptSession;
  readonly #subscriptions: HostSubscriptions;
  readonly #running = new Map<Call, Running>();
  readonly #parked = new Map<
    string,
    { readonly running: Running; readonly timer: ReturnType<typeof setTimeout> }
  >();
  #initialized: JsonObject = {};
  #logLevel: unknown;

  private constructor(ends: RelayEnds, first: Call) {
    this.#ends = ends;
    const { [metaKeys.clientInfo]: clientInfo, [metaKeys.clientCapabilities]: capabilities } = metaOf(first);
    const named = { name: "mcp-client", version: "unknown", ...toJsonObject(clientInfo) };
    const params = {
      protocolVersion: legacyRevisions[0],
      capabilities: toJsonObject(capabilities),
      clientInfo: named,
    };
    this.#session = new KeptSession({
      ends,
      initialize: { method: "initialize", params },
      onMessage: (message, session, during) => this.#take(message, session, during),
      onReopened: () => this.#subscriptions.tellAll(),
    });
    this.#subscriptions = new HostSubscriptions(ends.host, this.#session);
  }

  /** Shakes hands with the server, for a host that knows no handshake. */
  static async open(ends: RelayEnds, first: Call, signal: AbortSignal): Promise<OpenedRelay> {
    const relay = new DowngradingRelay(ends, first);
    const outcome = await relay.#session.open(signal);
    if ("error" in outcome) return { outcome, answers: true, relay: undefined };
    relay.#initialized = outcome.result;
    await relay.#session.begin();
    return { outcome, answers: false, relay };
  }

  async request(call: Call, signal: AbortSignal, id: RequestId): Promise<Outcome> {
    const requested = claimedRevision(call);
    if (requested !== modernRevision) {
      const data = { supported: [modernRevision], requested };
      return rpcError(unsupportedVersion, "The bridge does not speak this revision of MCP.", data);
    }
    if (call.method === "server/discover") return { result: this.#discovered() };
    if (call.method === "subscriptions/listen") return this.#subscriptions.listen(call, { signal, id });
    await this.#setLogLevel(call, signal);
    const running = this.#resume(call) ?? this.#start(call);
    return running instanceof AppError
      ? rpcError(invalidParams, running.message)
      : this.#await(running, call, signal);
  }

  /** This revision's hosts send none but cancellations. */
  notification(): void {}

  async close(): Promise<void> {
    const reason = new AppError("interrupted", "The bridge is closed.");
    for (const { running, timer } of this.#parked.values()) {
      clearTimeout(timer);
      running.parked.drop(reason);
    }
    this.#parked.clear();
    await this.#session.close();
  }

  #discovered(): JsonObject {
    const { capabilities, instructions, serverInfo } = this.#initialized;
    return {
      resultType: "complete",
      ttlMs: 0,
      cacheScope: "private",
      supportedVersions: [modernRevision],
      capabilities: toModernCapabilities(toJsonObject(capabilities)),
      ...(typeof instructions === "string" && { instructions }),
      _meta: { [metaKeys.serverInfo]: toJsonObject(serverInfo) },
    };
  }

  #toModernOutcome(outcome: Outcome, { method }: Call): Outcome {
    if ("error" in outcome) return outcome;
    const cached = cacheableMethods.includes(method) ? { ttlMs: 0, cacheScope: "private" } : {};
    return { result: { resultType: "complete", ...cached, ...outcome.result } };
  }

  /** The modern revision says with each request how much is logged; the older ones say it once. */
  async #setLogLevel(call: Call, signal: AbortSignal): Promise<void> {
    const level = metaOf(call)[metaKeys.logLevel];
    if (level === undefined || level === this.#logLevel) return;
    if (this.#session.capabilities["logging"] === undefined) return;
    this.#logLevel = level;
    await this.#session.request({ method: "logging/setLevel", params: { level } }, signal);
  }

  /** The call that the host's request goes on with, after a question. */
  #resume(call: Call): Running | AppError | undefined {
    const { requestState, inputResponses } = call.params ?? {};
    if (requestState === undefined) return undefined;
    const parked = typeof requestState === "string" ? this.#parked.get(requestState) : undefined;
    if (!parked || parked.running.parked.method !== call.method) {
      return new AppError("invalid_arguments", "The request goes on with a call that is over.");
    }
    clearTimeout(parked.timer);
    this.#parked.delete(String(requestState));
    const { running } = parked;
    running.asked = call;
    running.parked.answer(inputResponses);
    return running;
  }

  #start(call: Call): Running {
    const parked = new ParkedCall(call.method);
    const sent = withoutEnvelope(call);
    const running: Running = { parked, asked: call, firstToken: progressTokenOf(call) };
    this.#running.set(sent, running);
    const answered = this.#session.request(sent, parked.signal).finally(() => this.#running.delete(sent));
    parked.follow(answered);
    return running;
  }

  async #await(running: Running, call: Call, signal: AbortSignal): Promise<Outcome> {
    const { parked } = running;
    try {
      const { outcome, isOver } = await unlessAborted(parked.next(), signal);
      if (isOver) return this.#toModernOutcome(outcome, call);
      this.#park(running);
      return outcome;
    } catch (thrown) {
      parked.drop(thrown);
      throw thrown;
    } finally {
      running.asked = undefined;
    }
  }

  #park(running: Running): void {
    const { parked } = running;
    const giveUp = () => {
      this.#parked.delete(parked.state);
      parked.drop(new AppError("interrupted", "The host did not go on with the call."));
    };
    this.#parked.set(parked.state, { running, timer: setTimeout(giveUp, parkedLimitMs) });
    const [oldest] = this.#parked.values();
    if (this.#parked.size <= maxParked || !oldest) return;
    clearTimeout(oldest.timer);
    this.#parked.delete(oldest.running.parked.state);
    oldest.running.parked.drop(new AppError("interrupted", "Too many calls wait for the host."));
  }

  #take(message: Message, session: LegacySession, during: Call | undefined): Promise<void> | void {
    const running = during && this.#running.get(during);
    if (message.kind === "request") return void this.#ask(message, session, running);
    if (message.kind !== "notification") return;
    const { call } = message;
    if (this.#subscriptions.tell(call)) return this.#ends.host.drained();
    const told = running?.asked && this.#toTell(call, running, running.asked);
    if (!told) return;
    this.#ends.host.notify(told);
    return this.#ends.host.drained();
  }

  /** Progress and log messages go to the request that asked for them. */
  #toTell(call: Call, { firstToken }: Running, asked: Call): Call | undefined {
    if (call.method === "notifications/message") {
      return metaOf(asked)[metaKeys.logLevel] === undefined ? undefined : call;
    }
    const progressToken = progressTokenOf(asked);
    if (call.method !== "notifications/progress" || progressToken === undefined) return undefined;
    if (call.params?.["progressToken"] !== firstToken) return undefined;
    return { method: call.method, params: { ...call.params, progressToken } };
  }

  async #ask(
    { id, call }: Extract<Message, { kind: "request" }>,
    session: LegacySession,
    running: Running | undefined,
  ): Promise<void> {
    const said = "The host cannot be asked this now.";
    const outcome: Outcome =
      call.method === "ping"
        ? { result: {} }
        : running && canBeAsked(running.asked, call.method)
          ? await running.parked.ask(call)
          : rpcError(methodNotFound, said);
    await session.answer(id, outcome);
  }
}
