import { neutralise } from "../../lib/base/text.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import { maxTimeMsOf } from "../../lib/config/max-time.ts";
import type { Context } from "../../lib/config/run-program.ts";
import type { CommandServer } from "../../lib/config/server-entry.ts";
import { readAuthMode } from "../../lib/config/oauth-settings.ts";
import {
  type AccessTokens,
  connect,
  type FullConnection,
  type ServerAnswers,
} from "../../lib/transport/client/connect.ts";
import type { NoticeBoard } from "./notice-board.ts";
import type { OpenTokensOptions } from "./open-tokens.ts";

/** How a connection is opened. */
export interface OpenConnectionOptions extends OpenTokensOptions {
  /** Present: the client answers what the server asks of it. */
  readonly answers?: ServerAnswers;
  /** Where lines of a server's log go meanwhile. Default: standard error. */
  readonly notices?: NoticeBoard;
  /** With `--auth oauth`: sign in anew, whatever is stored. */
  readonly isFresh?: boolean;
}

/** Gets a token before anything is sent to the server, so that a missing sign-in ends here. */
async function openSignedIn(
  context: Context<ClientOptions>,
  options: OpenTokensOptions,
): Promise<AccessTokens> {
  const [{ openTokens }, { readAccount }, { nameOf }] = await Promise.all([
    import("./open-tokens.ts"),
    import("./account.ts"),
    import("../../lib/auth/client/signed-in-account.ts"),
  ]);
  const tokens = await openTokens(context, options);
  await tokens.getToken({ signal: options.signal });
  if (options.mayPrompt) context.io.stderr.write(`Signed in as ${nameOf(await readAccount(tokens))}.\n`);
  return tokens;
}

/** Without a token nothing needs to be confirmed, unless the address lay about in the current folder. */
async function checkAddress(context: Context<ClientOptions>, options: OpenTokensOptions): Promise<void> {
  if (context.origins.url.kind !== "folder") return;
  const [{ confirmOpenServer }, { askOn }] = await Promise.all([
    import("../../lib/auth/client/confirm-origin.ts"),
    import("../../lib/terminal/confirm.ts"),
  ]);
  const { values, origins, io } = context;
  const ask = options.mayPrompt ? askOn(io) : undefined;
  await confirmOpenServer(
    { url: values.url, urlOrigin: origins.url, environment: io.environment, ask },
    options,
  );
}

/** With OAuth the server says first what it wants, so that its token is got while connecting. */
async function openTokensBy(
  context: Context<ClientOptions>,
  options: OpenConnectionOptions,
): Promise<AccessTokens | undefined> {
  switch (readAuthMode(context)) {
    case "none":
      await checkAddress(context, options);
      return undefined;
    case "entra":
      return openSignedIn(context, options);
    case "oauth":
      return (await import("./open-oauth.ts")).openOAuth(context, options);
  }
}

/** A command gets no token; what it writes on standard error goes through to ours. */
async function openCommand(
  context: Context<ClientOptions>,
  { command, args, environment, folder }: CommandServer,
  options: OpenConnectionOptions,
): Promise<FullConnection> {
  const { connectCommand } = await import("../../lib/transport/client/connect-command.ts");
  const { values, io } = context;
  const say = options.notices?.print ?? ((line) => void io.stderr.write(`${line}\n`));
  return connectCommand({
    server: { command, args, environment, folder },
    // With --json an error is the only line there.
    onStderr: (line) => (values.json ? undefined : say(neutralise(line))),
    idleTimeoutMs: values.timeout * 1000,
    maxTimeMs: maxTimeMsOf(context),
    signal: options.signal,
    answers: options.answers,
  });
}

/** Connects to the server of the settings; without authentication no token code is even loaded. */
export async function openConnection(
  context: Context<ClientOptions>,
  options: OpenConnectionOptions,
): Promise<FullConnection> {
  const { chosen } = context;
  if (chosen?.kind === "command") return openCommand(context, chosen, options);
  const { url, timeout } = context.values;
  return connect({
    url,
    tokens: await openTokensBy(context, options),
    idleTimeoutMs: timeout * 1000,
    maxTimeMs: maxTimeMsOf(context),
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
