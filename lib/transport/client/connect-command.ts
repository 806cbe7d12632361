// It must be evaluated before the SDK is.
// oxlint-disable-next-line import/no-unassigned-import
import "./plain-schemas.ts";
import { AppError } from "../../base/errors.ts";
import type { ConnectOptions } from "./contract.ts";
import type { FullConnection } from "./offers.ts";
import { ServerConnection } from "./server-connection.ts";
import { type CommandState, type ServerCommand, stdioWire } from "./stdio-wire.ts";

export type { ServerCommand } from "./stdio-wire.ts";

/** Servers that do not know the question stay silent; those that are being installed are slow. */
const maxProbeMs = 30_000;

/** How to reach a server that is a command. */
export interface CommandOptions extends Pick<
  ConnectOptions,
  "protocol" | "idleTimeoutMs" | "maxTimeMs" | "signal" | "clientName" | "answers" | "log"
> {
  readonly server: ServerCommand;
  /** Takes each line that the command writes on standard error. Other people's text. */
  readonly onStderr: (line: string) => void;
}

/**
 * Starts a command and talks MCP with it over its standard input and output, whichever family of revisions it
 * speaks. It gets no token and only the environment that is meant for it.
 *
 * @throws `unreachable` where it cannot be started, and the codes of `connect` but those about tokens and HTTP
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports#stdio
 */
export async function connectCommand(options: CommandOptions): Promise<FullConnection> {
  const { server, onStderr, signal } = options;
  const idleTimeoutMs = options.idleTimeoutMs ?? 60_000;
  const state: CommandState = { hasEndedUnanswered: false };
  const settings = {
    wire: stdioWire({ server, onStderr, state }),
    protocol: options.protocol ?? "auto",
    probeTimeoutMs: Math.min(maxProbeMs, idleTimeoutMs / 2),
    clientName: options.clientName ?? "mcp-client",
    answers: options.answers,
    log: options.log,
    limits: { idleTimeoutMs, maxTimeMs: options.maxTimeMs },
  } as const;
  try {
    return await ServerConnection.open(settings, signal);
  } catch (error) {
    if (!state.hasEndedUnanswered || settings.protocol !== "auto" || signal?.aborted) throw error;
  }
  state.hasEndedUnanswered = false;
  try {
    return await ServerConnection.open({ ...settings, protocol: "legacy" }, signal);
  } catch (error) {
    if (!state.hasEndedUnanswered || signal?.aborted) throw error;
    throw new AppError("not_mcp", "The server's command ends without having answered anything.", {
      hint: "What it wrote on standard error may say why. Is it an MCP server on standard input and output?",
      cause: error,
    });
  }
}
