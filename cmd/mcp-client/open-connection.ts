import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { connect, type FullConnection, type ServerAnswers } from "../../lib/transport/client/connect.ts";
import { openCredentials, type OpenCredentialsOptions } from "./open-credentials.ts";

/** How a connection is opened. */
export interface OpenConnectionOptions extends OpenCredentialsOptions {
  /** Present: the client answers what the server asks of it. */
  readonly answers?: ServerAnswers;
}

/** Connects to the server of the settings; without authentication no token code is even loaded. */
export async function openConnection(
  context: Context<ClientOptions>,
  options: OpenConnectionOptions,
): Promise<FullConnection> {
  const { url, timeout, maxTime } = context.values;
  return connect({
    url,
    ...(await openCredentials(context, options)),
    idleTimeoutMs: timeout * 1000,
    maxTimeMs: maxTime * 1000,
    signal: options.signal,
    answers: options.answers,
  });
}

/** Connects, works, and closes whatever happened. */
export async function withConnection<T>(
  context: Context<ClientOptions>,
  options: OpenConnectionOptions,
  work: (connection: FullConnection) => Promise<T>,
): Promise<T> {
  const connection = await openConnection(context, options);
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}
