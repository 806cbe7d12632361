import { type JsonObject, toJsonObject } from "../../../base/json.ts";
import type { Call } from "./message.ts";

/*
 * What the two families of MCP revisions write differently.
 */

/** The revision without sessions that the bridge speaks. */
export const modernRevision = "2026-07-28";
/** The revisions with sessions, the latest first. */
export const legacyRevisions: readonly string[] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

/** Members of `_meta` that each message of the modern revision carries. */
export const metaKeys = {
  protocolVersion: "io.modelcontextprotocol/protocolVersion",
  clientInfo: "io.modelcontextprotocol/clientInfo",
  clientCapabilities: "io.modelcontextprotocol/clientCapabilities",
  logLevel: "io.modelcontextprotocol/logLevel",
  serverInfo: "io.modelcontextprotocol/serverInfo",
  subscriptionId: "io.modelcontextprotocol/subscriptionId",
} as const;

const envelopeKeys: readonly string[] = [
  metaKeys.protocolVersion,
  metaKeys.clientInfo,
  metaKeys.clientCapabilities,
  metaKeys.logLevel,
];

/** The `_meta` of a call's parameters; empty where there is none. */
export function metaOf({ params }: Call): JsonObject {
  return toJsonObject(params?.["_meta"]);
}

/** The revision that a call of the modern family names; undefined for calls of the older ones. */
export function claimedRevision(call: Call): string | undefined {
  const claimed = metaOf(call)[metaKeys.protocolVersion];
  return typeof claimed === "string" ? claimed : undefined;
}

/** The call with members added to its `_meta`. */
export function withMeta(call: Call, added: JsonObject): Call {
  return { method: call.method, params: { ...call.params, _meta: { ...metaOf(call), ...added } } };
}

/** The call as a server of the older revisions takes it: without the modern envelope. */
export function withoutEnvelope(call: Call): Call {
  const kept = Object.entries(metaOf(call)).filter(([key]) => !envelopeKeys.includes(key));
  const { _meta: _dropped, ...params } = call.params ?? {};
  const meta = kept.length > 0 ? { _meta: Object.fromEntries(kept) } : {};
  return { method: call.method, params: { ...params, ...meta } };
}

/** The progress token that a call asks with. */
export function progressTokenOf(call: Call): string | number | undefined {
  const token = metaOf(call)["progressToken"];
  return typeof token === "string" || typeof token === "number" ? token : undefined;
}

/** Requests that a server may answer with questions of its own (multi round-trip requests). */
export const askingMethods: readonly string[] = ["tools/call", "prompts/get", "resources/read"];
/** Results of these say for how long they may be kept. */
export const cacheableMethods: readonly string[] = [
  "server/discover",
  "tools/list",
  "prompts/list",
  "resources/list",
  "resources/templates/list",
  "resources/read",
];

/** The notifications of changes, by the capability that announces them. */
export const listChanges = {
  tools: { filter: "toolsListChanged", notification: "notifications/tools/list_changed" },
  prompts: { filter: "promptsListChanged", notification: "notifications/prompts/list_changed" },
  resources: { filter: "resourcesListChanged", notification: "notifications/resources/list_changed" },
} as const;

/** Tells of a changed resource. */
export const resourceUpdated = "notifications/resources/updated";

/** What a listening client is told of (2026-07-28 `subscriptions/listen`), as far as the capabilities go. */
export function listenFilter(capabilities: JsonObject, uris: Iterable<string>): JsonObject {
  const filter: Record<string, unknown> = {};
  for (const [name, change] of Object.entries(listChanges)) {
    if (toJsonObject(capabilities[name])["listChanged"] === true) filter[change.filter] = true;
  }
  const resourceSubscriptions = [...uris];
  const canSubscribe = toJsonObject(capabilities["resources"])["subscribe"] === true;
  if (canSubscribe && resourceSubscriptions.length > 0)
    filter["resourceSubscriptions"] = resourceSubscriptions;
  return filter;
}

/** The notifications that say that every list of these capabilities may have changed. */
export function listChangesOf(capabilities: JsonObject): readonly Call[] {
  return Object.entries(listChanges)
    .filter(([name]) => toJsonObject(capabilities[name])["listChanged"] === true)
    .map(([, { notification }]) => ({ method: notification }));
}
