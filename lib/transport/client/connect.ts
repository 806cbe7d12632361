// It must be evaluated before the SDK is.
// oxlint-disable-next-line import/no-unassigned-import
import "./plain-schemas.ts";
import { systemClock } from "../../base/clock.ts";
import { checkMayCarryToken } from "./authorize.ts";
import type { ConnectOptions } from "./contract.ts";
import { httpWire } from "./http-wire.ts";
import type { FullConnection } from "./offers.ts";
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
  ExtraHeaders,
  ProtocolChoice,
  ServerAnswers,
  ToolDescription,
} from "./contract.ts";
export type { ServerLog, ServerLogLevel, ServerLogLine } from "./server-log.ts";
export type {
  Elicitation,
  ElicitationAnswer,
  ElicitedForm,
  ElicitedVisit,
  FormContent,
} from "./elicitation.ts";
export type {
  Completion,
  CompletionRequest,
  FullConnection,
  LifeSign,
  PromptArgument,
  PromptDescription,
  PromptMessage,
  PromptResult,
  ResourceContents,
  ResourceDescription,
  ResourceTemplateDescription,
} from "./offers.ts";

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
  const { tokens, headers, protocol = "auto" } = options;
  if (tokens || headers?.authorization !== undefined) checkMayCarryToken(endpoint);
  const isPinned = protocol === "2026-07-28";
  const settings = {
    wire: httpWire({ endpoint, tokens, headers, isPinned, clock: systemClock }),
    protocol,
    clientName: options.clientName ?? "mcp-client",
    answers: options.answers,
    elicitation: options.elicitation,
    log: options.log,
    limits: { idleTimeoutMs: options.idleTimeoutMs ?? 60_000, maxTimeMs: options.maxTimeMs },
  } as const;
  return ServerConnection.open(settings, options.signal);
}
