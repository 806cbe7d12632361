import { AppError, type ErrorCode } from "../../base/errors.ts";
import { systemClock } from "../../base/clock.ts";
import { isJsonObject } from "../../base/json.ts";
import { programVersion } from "../../base/version.ts";
import { checkMayCarryToken } from "./authorize.ts";
import { ModernServer } from "./bridge/modern-server.ts";
import { RemoteHttp } from "./bridge/remote-http.ts";
import { metaKeys, modernRevision } from "./bridge/revisions.ts";
import type { ConnectOptions, ToolDescription } from "./contract.ts";
import { noLimitMs } from "./operation.ts";
import { readEndpoint } from "./read-endpoint.ts";
import { describeTool, type ListedTool } from "./tool-description.ts";

/*
 * Lists the tools of a server without the SDK, whose loading takes longer than all the rest. An answer that is not
 * wholly as 2026-07-28 has it is left to the SDK, which asks again by all the rules.
 */

const maxPages = 100;
/** What says nothing about the tools, but that the server is another than was thought. */
const leftToSdk: readonly ErrorCode[] = [
  "not_mcp",
  "protocol_error",
  "session_not_found",
  "connection_lost",
  "server_failed",
];

function isTextOrNothing(value: unknown): boolean {
  return value === undefined || typeof value === "string";
}

function isSchema(value: unknown): boolean {
  if (!isJsonObject(value) || value["type"] !== "object") return false;
  const { properties, required } = value;
  if (properties !== undefined && !isJsonObject(properties)) return false;
  return required === undefined || (Array.isArray(required) && required.every(isTextOrNothing));
}

function isAnnotations(value: unknown): boolean {
  if (value === undefined) return true;
  if (!isJsonObject(value)) return false;
  const { title, ...hints } = value;
  return isTextOrNothing(title) && Object.values(hints).every((hint) => typeof hint === "boolean");
}

/** A tool as MCP wants it. Those with arguments in headers have rules of their own (SEP-2243). */
function isTool(value: unknown): value is ListedTool {
  if (!isJsonObject(value) || typeof value["name"] !== "string") return false;
  const { title, description, inputSchema, outputSchema, annotations } = value;
  if (!isTextOrNothing(title) || !isTextOrNothing(description) || !isAnnotations(annotations)) return false;
  if (outputSchema !== undefined && !isSchema(outputSchema)) return false;
  return isSchema(inputSchema) && !JSON.stringify(inputSchema).includes("x-mcp-header");
}

interface Page {
  readonly tools: readonly ListedTool[];
  readonly nextCursor: string | undefined;
}

function readPage(result: Readonly<Record<string, unknown>>): Page | undefined {
  const { resultType, tools, nextCursor } = result;
  if (resultType !== "complete" || !Array.isArray(tools) || !tools.every(isTool)) return undefined;
  if (nextCursor !== undefined && (typeof nextCursor !== "string" || nextCursor === "")) return undefined;
  return { tools, nextCursor };
}

function envelopeOf({ clientName = "mcp-client" }: ConnectOptions) {
  return {
    [metaKeys.protocolVersion]: modernRevision,
    [metaKeys.clientInfo]: { name: clientName, version: programVersion },
    [metaKeys.clientCapabilities]: {},
  };
}

/** All tools, or nothing where the server does not answer wholly as expected. */
async function listDirectly(options: ConnectOptions): Promise<readonly ListedTool[] | undefined> {
  const { url, tokens, headers, idleTimeoutMs = 60_000, maxTimeMs } = options;
  const endpoint = readEndpoint(url);
  if (tokens || headers?.authorization !== undefined) checkMayCarryToken(endpoint);
  const limits = { idleTimeoutMs, maxTimeMs };
  const server = new ModernServer(new RemoteHttp({ endpoint, tokens, headers, clock: systemClock, limits }));
  const signal = options.signal ?? AbortSignal.timeout(noLimitMs);
  const found: ListedTool[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < maxPages; pages++) {
    const params = { _meta: envelopeOf(options), ...(cursor !== undefined && { cursor }) };
    const outcome = await server.request({ method: "tools/list", params }, { signal, onMessage: () => {} });
    const page = "result" in outcome ? readPage(outcome.result) : undefined;
    if (!page) return undefined;
    found.push(...page.tools);
    cursor = page.nextCursor;
    if (cursor === undefined) return found;
  }
  return undefined;
}

function isLeftToSdk(thrown: unknown): boolean {
  return thrown instanceof AppError && leftToSdk.includes(thrown.code);
}

/**
 * All tools of a server, from every page, for whoever wants nothing else of it.
 *
 * @throws as `connect`
 */
export async function listTools(options: ConnectOptions): Promise<readonly ToolDescription[]> {
  try {
    const found = await listDirectly(options);
    if (found) return found.map(describeTool);
  } catch (thrown) {
    if (!isLeftToSdk(thrown)) throw thrown;
  }
  const { connect } = await import("./connect.ts");
  const connection = await connect(options);
  try {
    return await connection.listTools({ signal: options.signal });
  } finally {
    await connection.close();
  }
}
