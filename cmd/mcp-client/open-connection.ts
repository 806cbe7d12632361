import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { connect, type Connection } from "../../lib/transport/client/connect.ts";
import type { OpenTokensOptions } from "./open-tokens.ts";

/** Connects to the server of the settings; with `--no-auth` no token code is even loaded. */
export async function openConnection(
  context: Context<ClientOptions>,
  options: OpenTokensOptions,
): Promise<Connection> {
  const { url, noAuth, timeout, maxTime } = context.values;
  const tokens = noAuth ? undefined : await (await import("./open-tokens.ts")).openTokens(context, options);
  return connect({
    url,
    tokens,
    idleTimeoutMs: timeout * 1000,
    maxTimeMs: maxTime * 1000,
    signal: options.signal,
  });
}

/** Connects, works, and closes whatever happened. */
export async function withConnection<T>(
  context: Context<ClientOptions>,
  options: OpenTokensOptions,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await openConnection(context, options);
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}
