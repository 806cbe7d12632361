import { systemClock } from "../../base/clock.ts";
import { checkMayCarryToken } from "./authorize.ts";
import type { ConnectOptions, FullConnection } from "./contract.ts";
import { readEndpoint } from "./read-endpoint.ts";
import { ServerConnection } from "./server-connection.ts";

export type {
  AccessTokenRequest,
  AccessTokens,
  CallOptions,
  CallResult,
  Connection,
  ConnectOptions,
  ContentBlock,
  ElicitedForm,
  ExtraHeaders,
  FullConnection,
  PromptDescription,
  ProtocolChoice,
  ResourceDescription,
  ServerAnswers,
  ToolDescription,
} from "./contract.ts";

/**
 * Connects to an MCP server over Streamable HTTP, whichever family of revisions it speaks.
 *
 * @throws `usage`, `untrusted_destination`, `sign_in_required`, `token_refused`, `access_denied`, `unreachable`,
 *   `connection_lost`, `server_failed`, `rate_limited`, `not_mcp`, `protocol_error`, `timeout`, `interrupted`,
 *   and whatever `tokens` throws
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports
 */
export async function connect(options: ConnectOptions): Promise<FullConnection> {
  const endpoint = readEndpoint(options.url);
  if (options.tokens || options.headers?.authorization !== undefined) checkMayCarryToken(endpoint);
  const settings = {
    endpoint,
    tokens: options.tokens,
    headers: options.headers,
    protocol: options.protocol ?? "auto",
    clientName: options.clientName ?? "mcp-client",
    answers: options.answers,
    limits: { idleTimeoutMs: options.idleTimeoutMs ?? 60_000, maxTimeMs: options.maxTimeMs ?? 3_600_000 },
    clock: systemClock,
  } as const;
  return ServerConnection.open(settings, options.signal);
}
