import { unlessAborted } from "../../../base/abort.ts";
import { isJsonObject, type JsonObject, toJsonObject } from "../../../base/json.ts";
import type { HostChannel } from "./host-channel.ts";
import type { KeptSession } from "./kept-session.ts";
import { type Call, invalidParams, type Outcome, type RequestId, rpcError } from "./message.ts";
import { listChanges, metaKeys, resourceUpdated, withMeta } from "./revisions.ts";

const maxListening = 100;
const maxUris = 1000;

interface Subscription {
  readonly id: RequestId;
  readonly honoured: JsonObject;
  readonly uris: ReadonlySet<string>;
}

/**
 * `subscriptions/listen` of a host of the modern revision, over a session of the older ones, whose server tells of
 * changes unasked and wants each resource subscribed by itself.
 *
 * @see MCP 2026-07-28 basic/patterns/subscriptions
 */
export class HostSubscriptions {
  readonly #host: HostChannel;
  readonly #session: KeptSession;
  readonly #open = new Set<Subscription>();

  constructor(host: HostChannel, session: KeptSession) {
    this.#host = host;
    this.#session = session;
  }

  /** Lasts until the host ends it. */
  async listen(
    call: Call,
    { signal, id }: { readonly signal: AbortSignal; readonly id: RequestId },
  ): Promise<Outcome> {
    const wanted = call.params?.["notifications"];
    if (!isJsonObject(wanted)) return rpcError(invalidParams, "The request needs notifications.");
    if (this.#open.size >= maxListening) return rpcError(-32_603, "Too many subscriptions.");
    const { honoured, uris } = this.#honour(wanted);
    const subscription = { id, honoured, uris: new Set(uris) };
    const result = { resultType: "complete", _meta: { [metaKeys.subscriptionId]: id } };
    await Promise.all(uris.map((uri) => this.#subscribe("resources/subscribe", uri, signal)));
    const params = { notifications: honoured };
    this.#tell({ method: "notifications/subscriptions/acknowledged", params }, id);
    if (Object.keys(honoured).length === 0) return { result };
    this.#open.add(subscription);
    try {
      return await unlessAborted(new Promise<Outcome>(() => {}), signal);
    } finally {
      this.#open.delete(subscription);
      this.#release(subscription);
    }
  }

  /** Tells those who listen; false when the notification is no change that one can listen to. */
  tell(call: Call): boolean {
    const change = Object.values(listChanges).find(({ notification }) => notification === call.method);
    if (!change && call.method !== resourceUpdated) return false;
    const uri = String(call.params?.["uri"]);
    for (const { id, honoured, uris } of this.#open) {
      if (change ? honoured[change.filter] === true : uris.has(uri)) this.#tell(call, id);
    }
    return true;
  }

  /** Everything may have changed. */
  tellAll(): void {
    for (const { notification } of Object.values(listChanges)) this.tell({ method: notification });
    const uris = new Set([...this.#open].flatMap((subscription) => [...subscription.uris]));
    for (const uri of uris) this.tell({ method: resourceUpdated, params: { uri } });
  }

  #tell(call: Call, id: RequestId): void {
    this.#host.notify(withMeta(call, { [metaKeys.subscriptionId]: id }));
  }

  #honour(wanted: JsonObject): { readonly honoured: JsonObject; readonly uris: readonly string[] } {
    const { capabilities } = this.#session;
    const honoured: Record<string, unknown> = {};
    for (const [name, { filter }] of Object.entries(listChanges)) {
      const canTell = toJsonObject(capabilities[name])["listChanged"] === true;
      if (canTell && wanted[filter] === true) honoured[filter] = true;
    }
    const canSubscribe = toJsonObject(capabilities["resources"])["subscribe"] === true;
    const listed = Array.isArray(wanted["resourceSubscriptions"]) ? wanted["resourceSubscriptions"] : [];
    const uris = canSubscribe ? listed.filter((uri) => typeof uri === "string").slice(0, maxUris) : [];
    if (uris.length > 0) honoured["resourceSubscriptions"] = uris;
    return { honoured, uris };
  }

  async #subscribe(method: string, uri: string, signal: AbortSignal): Promise<void> {
    // A resource that cannot be subscribed to is silent; the others are not.
    await this.#session.request({ method, params: { uri } }, signal).catch(() => {});
  }

  /** Unsubscribes what nobody else listens to. */
  #release({ uris }: Subscription): void {
    const limit = AbortSignal.timeout(5000);
    for (const uri of uris) {
      if ([...this.#open].some((other) => other.uris.has(uri))) continue;
      void this.#subscribe("resources/unsubscribe", uri, limit);
    }
  }
}
