import type { Abortable } from "../../lib/base/abort.ts";
import type { AppError } from "../../lib/base/errors.ts";
import { systemClock } from "../../lib/base/clock.ts";
import { toSafeJson } from "../../lib/base/text.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import { readMachineCredential } from "../../lib/config/machine-settings.ts";
import { readOAuthSettings } from "../../lib/config/oauth-settings.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { styleOf } from "../../lib/config/style-of.ts";
import type { ExaminedSettings } from "../../lib/doctor/check.ts";
import { checks } from "../../lib/doctor/checks.ts";
import { type CheckOutcome, runChecks } from "../../lib/doctor/run-checks.ts";
import { renderCheck } from "../../lib/terminal/render-checks.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";
import { getToken } from "./get-token.ts";
import { openCredentials, readCredentialMode } from "./open-credentials.ts";

type ClientContext = Context<ClientOptions>;

function settingsOf(context: ClientContext, signal: AbortSignal): ExaminedSettings {
  const open = (options: Abortable) =>
    openCredentials(context, { mayPrompt: false, signal: options.signal ?? signal });
  const mode = readCredentialMode(context);
  return {
    signIn: context,
    mode,
    oauth: mode === "oauth" ? readOAuthSettings(context) : undefined,
    machine: readMachineCredential(context),
    login: context.values.login,
    environment: context.io.environment,
    clock: systemClock,
    idleTimeoutMs: context.values.timeout * 1000,
    openCredentials: open,
    getToken: async (options) => getToken(context, await open(options), options.signal ?? signal),
  };
}

async function* examine(context: ClientContext, signal: AbortSignal): AsyncGenerator<CheckOutcome> {
  const { tokenFile } = context.values;
  if (tokenFile === undefined) {
    yield* runChecks(checks, settingsOf(context, signal), { signal });
    return;
  }
  const { explainTokenFile } = await import("./explain-token-file.ts");
  yield* await explainTokenFile(context, { path: tokenFile, signal });
}

/** Ends with the class of the first failure; what failed stands in the rows. */
function finish(context: ClientContext, outcomes: readonly CheckOutcome[]): number {
  const failure: AppError | undefined = outcomes.find((outcome) => outcome.failure)?.failure;
  const { json, tokenFile, url } = context.values;
  if (json) {
    const { origin, pathname } = new URL(url);
    // What stands behind a question mark may be a key.
    const subject = tokenFile === undefined ? { url: `${origin}${pathname}` } : { tokenFile };
    const reports = outcomes.map(({ report }) => report);
    context.io.stdout.write(`${toSafeJson({ ...subject, ok: !failure, checks: reports })}\n`);
  }
  return failure?.exitCode ?? 0;
}

/** `mcp-client doctor` */
export async function run(context: ClientContext): Promise<number> {
  const signal = watchInterrupt();
  const { stdout } = context.io;
  const { isTerminal, columns, hasColor: color } = styleOf(context.io, stdout);
  const layout = { columns: isTerminal ? columns : undefined, color };
  const outcomes: CheckOutcome[] = [];
  for await (const outcome of examine(context, signal)) {
    outcomes.push(outcome);
    if (!context.values.json) stdout.write(renderCheck(outcome.report, layout));
  }
  return finish(context, outcomes);
}
