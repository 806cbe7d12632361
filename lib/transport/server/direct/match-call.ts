import { isJsonObject, type JsonObject } from "../../../base/json.ts";
import { isShortIdentifier, type RequestId } from "../message.ts";

/** A `tools/call` in which nothing is left that only an SDK knows how to answer. */
export interface DirectCall {
  readonly id: RequestId;
  readonly name: string;
  readonly args: JsonObject | undefined;
  /** Absent when the caller did not ask for progress. */
  readonly progressToken: RequestId | undefined;
}

/** What `Accept` looks like when it is written by an MCP client. */
const acceptsBoth: ReadonlySet<string | null> = new Set([
  "application/json, text/event-stream",
  "application/json,text/event-stream",
  "text/event-stream, application/json",
]);

const versionKey = "io.modelcontextprotocol/protocolVersion";
const clientInfoKey = "io.modelcontextprotocol/clientInfo";
const capabilitiesKey = "io.modelcontextprotocol/clientCapabilities";
const modernRevision = "2026-07-28";

/** The members of a client capability, each of them an empty object; `roots` has a flag. */
const capabilityMembers: Readonly<Record<string, readonly string[]>> = {
  elicitation: ["form", "url"],
  sampling: ["context", "tools"],
  roots: ["listChanged"],
};

/** JSON-RPC ids and progress tokens as both SDKs take them, and of a length that is served. */
function isIdentifier(value: unknown): value is RequestId {
  return isShortIdentifier(value) && (typeof value === "string" || Number.isSafeInteger(value));
}

function isKnownCapability(name: string, capability: unknown): boolean {
  const known = Object.hasOwn(capabilityMembers, name) ? capabilityMembers[name] : undefined;
  if (!known || !isJsonObject(capability)) return false;
  return Object.entries(capability).every(([member, value]) => {
    if (!known.includes(member)) return false;
    if (name === "roots") return typeof value === "boolean";
    return isJsonObject(value) && Object.keys(value).length === 0;
  });
}

function areKnownCapabilities(capabilities: unknown): boolean {
  if (!isJsonObject(capabilities)) return false;
  for (const name in capabilities) if (!isKnownCapability(name, capabilities[name])) return false;
  return true;
}

function isPlainClientInfo(info: unknown): boolean {
  if (!isJsonObject(info) || typeof info["name"] !== "string" || typeof info["version"] !== "string")
    return false;
  for (const member in info) {
    const isKnown = member === "name" || member === "version" || member === "title";
    if (!isKnown || typeof info[member] !== "string") return false;
  }
  return true;
}

function isModernMember(member: string, value: unknown): boolean {
  if (member === versionKey) return value === modernRevision;
  if (member === capabilitiesKey) return areKnownCapabilities(value);
  if (member === clientInfoKey) return isPlainClientInfo(value);
  return member === "progressToken" && isIdentifier(value);
}

/** Whether `_meta` is a whole envelope of revision 2026-07-28 with nothing beside it but a progress token. */
function isModernMeta(meta: unknown): boolean {
  if (!isJsonObject(meta)) return false;
  for (const member in meta) if (!isModernMember(member, meta[member])) return false;
  return meta[versionKey] !== undefined && meta[capabilitiesKey] !== undefined;
}

/** Whether `_meta`, where there is any, holds nothing but a progress token. */
function isSessionMeta(meta: unknown): boolean {
  if (meta === undefined) return true;
  if (!isJsonObject(meta)) return false;
  for (const member in meta) if (member !== "progressToken" || !isIdentifier(meta[member])) return false;
  return true;
}

/** A request with parameters and nothing beside; those are not looked at. */
interface PlainRequest {
  readonly id: RequestId;
  readonly method: unknown;
  readonly params: JsonObject;
}

function readRequest(body: unknown): PlainRequest | undefined {
  if (!isJsonObject(body) || body["jsonrpc"] !== "2.0") return undefined;
  const { id, method, params } = body;
  if (!isIdentifier(id) || !isJsonObject(params) || Object.keys(body).length !== 4) return undefined;
  return { id, method, params };
}

/** The call that a message is, its `_meta` not looked at. */
function readCall(body: unknown): { readonly call: DirectCall; readonly meta: unknown } | undefined {
  const request = readRequest(body);
  if (request?.method !== "tools/call") return undefined;
  const { id, params } = request;
  const { name, arguments: args, _meta: meta } = params;
  if (typeof name !== "string" || (args !== undefined && !isJsonObject(args))) return undefined;
  // The SDKs take such a member out of the arguments.
  if (args && Object.hasOwn(args, "__proto__")) return undefined;
  // A further member of `params` may change what the call means: `task`, `inputResponses`, `requestState` ...
  for (const member in params)
    if (member !== "name" && member !== "arguments" && member !== "_meta") return undefined;
  const progressToken = isJsonObject(meta) ? (meta["progressToken"] as RequestId | undefined) : undefined;
  return { call: { id, name, args, progressToken }, meta };
}

function hasPlainHeaders(headers: Headers): boolean {
  return headers.get("content-type") === "application/json" && acceptsBoth.has(headers.get("accept"));
}

/**
 * The call of revision 2026-07-28 that a request is, or undefined where anything is not exactly as it commonly is:
 * then the SDK answers.
 */
export function matchModernCall(headers: Headers, body: unknown): DirectCall | undefined {
  if (headers.get("mcp-protocol-version") !== modernRevision) return undefined;
  const { call, meta } = readCall(body) ?? {};
  if (!call || !isModernMeta(meta) || !hasPlainHeaders(headers)) return undefined;
  const isNamed = headers.get("mcp-method") === "tools/call" && headers.get("mcp-name") === call.name;
  return isNamed ? call : undefined;
}

/** A request of revision 2026-07-28 that has a method and no parameters. */
export interface DirectQuestion {
  readonly id: RequestId;
  readonly method: string;
}

/** The same for a request without parameters, of whatever method. */
export function matchModernQuestion(headers: Headers, body: unknown): DirectQuestion | undefined {
  if (headers.get("mcp-protocol-version") !== modernRevision) return undefined;
  const { id, method, params } = readRequest(body) ?? {};
  if (id === undefined || typeof method !== "string" || !params || Object.keys(params).length !== 1)
    return undefined;
  if (!isModernMeta(params["_meta"]) || !hasPlainHeaders(headers)) return undefined;
  return headers.get("mcp-method") === method && !headers.has("mcp-name") ? { id, method } : undefined;
}

/** The same for a session of this revision. Those before 2025-06-18 send no `MCP-Protocol-Version`. */
export function matchSessionCall(headers: Headers, body: unknown, revision: string): DirectCall | undefined {
  if (headers.get("mcp-protocol-version") !== revision || revision < "2025-06-18") return undefined;
  const { call, meta } = readCall(body) ?? {};
  if (!call || !isSessionMeta(meta) || !hasPlainHeaders(headers)) return undefined;
  return headers.has("mcp-method") || headers.has("mcp-name") ? undefined : call;
}
