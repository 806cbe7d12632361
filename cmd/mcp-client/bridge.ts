import { toAppError } from "../../lib/base/errors.ts";
import { createLog } from "../../lib/base/log.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";
import { refuseHost, runBridge } from "../../lib/transport/client/bridge/run-bridge.ts";
import { openCredentials, readCredentialMode } from "./open-credentials.ts";

/** The bridge never asks anybody: a host that cannot be served is told why, and so is its log. */
async function openForHost(context: Context<ClientOptions>, signal: AbortSignal) {
  const { stdin: input, stdout: output } = context.io;
  try {
    const credentials = await openCredentials(context, { mayPrompt: false, signal });
    // By OAuth a missing sign-in would show only when the server refuses the handshake.
    if (readCredentialMode(context) === "oauth") {
      await (await import("./oauth-account.ts")).readOAuthAccount(context);
    }
    return credentials;
  } catch (thrown) {
    if (!signal.aborted && input.isTTY !== true) await refuseHost({ input, output }, toAppError(thrown));
    throw thrown;
  }
}

/** The host decides how long it waits, unless somebody said otherwise. */
function givenMs(seconds: number | undefined, kind: string): number | undefined {
  return kind === "default" || seconds === undefined ? undefined : seconds * 1000;
}

/** `mcp-client bridge` */
export async function run(context: Context<ClientOptions>): Promise<void> {
  const signal = watchInterrupt();
  const { io, values, origins } = context;
  const credentials = await openForHost(context, signal);
  if (io.stdin.isTTY === true) {
    io.stderr.write('Waiting for a host on standard input; "mcp-client bridge --help" says what for.\n');
  }
  await runBridge({
    ...credentials,
    url: values.url,
    input: io.stdin,
    output: io.stdout,
    idleTimeoutMs: givenMs(values.timeout, origins.timeout.kind),
    maxTimeMs: givenMs(values.maxTime, origins.maxTime.kind),
    log: createLog(values.logLevel),
    signal,
  });
}
