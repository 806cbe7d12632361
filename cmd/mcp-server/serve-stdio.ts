import { createLog } from "../../lib/base/log.ts";
import { programVersion } from "../../lib/base/version.ts";
import type { ServerOptions } from "../../lib/config/mcp-server.ts";
import { reserveStdout } from "../../lib/config/reserve-stdout.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { serveStdio } from "../../lib/transport/server/stdio/serve-stdio.ts";
import { composeBinders, composeToolset } from "./binders.ts";
import { refuseVainFlags } from "./vain-flags.ts";
import { waitForStop } from "./wait-for-stop.ts";

/** Settings that say something without HTTP and tokens. */
const meaningful: ReadonlySet<string> = new Set<keyof ServerOptions>([
  "stdio",
  "reverseSeconds",
  "callSeconds",
  "bodyBytes",
  "logLevel",
  "envFile",
]);

/** `mcp-server --stdio`: serves the host that started it, until that closes standard input. */
export async function serveOnStdio(context: Context<ServerOptions>): Promise<number> {
  const { values: settings, origins, io } = context;
  const hint = "There is no address and no token: whoever starts the process is its only user.";
  refuseVainFlags(origins, { isVain: (setting) => !meaningful.has(setting), beside: "--stdio", hint });
  const output = reserveStdout();
  const log = createLog(settings.logLevel);
  const serving = serveStdio({
    binders: composeBinders(composeToolset(settings, log)),
    input: io.stdin,
    output,
    maxLineBytes: settings.bodyBytes,
    log,
  });
  log.info(`mcp-server ${programVersion} serves on standard input and output, without tokens`);
  const exitCode = await waitForStop((signal) => serving.stop(signal), { log, ended: serving.ended });
  // Bun 1.4.5 does not end by itself while bytes wait that the host never takes.
  if (output.writableLength > 0) process.exit(exitCode);
  return exitCode;
}
