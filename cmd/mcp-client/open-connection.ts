import { neutralise } from "../../lib/base/text.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import { maxTimeMsOf } from "../../lib/config/max-time.ts";
import type { Context } from "../../lib/config/run-program.ts";
import type { CommandServer } from "../../lib/config/server-entry.ts";
import { renderJsonLogLine, renderLogLine } from "../../lib/terminal/render-log.ts";
import type {
  FullConnection,
  ServerAnswers,
  ServerLog,
  ToolDescription,
} from "../../lib/transport/client/connect.ts";
import type { NoticeBoard } from "./notice-board.ts";
import { openCredentials, type OpenCredentialsOptions } from "./open-credentials.ts";

/** How a connection is opened. */
export interface OpenConnectionOptions extends OpenCredentialsOptions {
  /** Present: the client answers what the server asks of it. */
  readonly answers?: ServerAnswers;
  /** Where lines of a server's log go meanwhile. Default: standard error. */
  readonly notices?: NoticeBoard;
}

/** What the server writes in its log goes to standard error; for programs as a line of JSON. */
function openLog(
  { values, io }: Context<ClientOptions>,
  { notices }: Pick<OpenConnectionOptions, "notices">,
): ServerLog {
  const say = notices?.print ?? ((line) => void io.stderr.write(`${line}\n`));
  const render = values.json || values.progress === "json" ? renderJsonLogLine : renderLogLine;
  return { level: values.logLevel, take: (line) => say(render(line)) };
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
    log: openLog(context, options),
  });
}

function addressOf(context: Context<ClientOptions>, { signal }: OpenCredentialsOptions) {
  const { url, timeout } = context.values;
  return { url, idleTimeoutMs: timeout * 1000, maxTimeMs: maxTimeMsOf(context), signal };
}

/** Connects to the server of the settings; without authentication no token code is even loaded. */
export async function openConnection(
  context: Context<ClientOptions>,
  options: OpenConnectionOptions,
): Promise<FullConnection> {
  const { chosen } = context;
  if (chosen?.kind === "command") return openCommand(context, chosen, options);
  const credentials = await openCredentials(context, options);
  const { connect } = await import("../../lib/transport/client/connect.ts");
  return connect({
    ...addressOf(context, options),
    ...credentials,
    answers: options.answers,
    log: openLog(context, options),
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

/** All tools of the server, for a command that wants nothing else of it: most servers answer without the SDK. */
export async function listToolsOnce(
  context: Context<ClientOptions>,
  options: OpenConnectionOptions,
): Promise<readonly ToolDescription[]> {
  const { signal } = options;
  if (context.chosen?.kind === "command") {
    return withConnection(context, options, (connection) => connection.listTools({ signal }));
  }
  const credentials = await openCredentials(context, options);
  const { listTools } = await import("../../lib/transport/client/list-tools.ts");
  return listTools({ ...addressOf(context, options), ...credentials });
}
