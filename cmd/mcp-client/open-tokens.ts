import {
  createUnconfirmedError,
  needsDiscovery,
  planSignIn,
  type SignInPlan,
} from "../../lib/auth/client/destination.ts";
import type { DeviceCodePrompt } from "../../lib/auth/client/device-code.ts";
import { discoverAuthorization } from "../../lib/auth/client/discover.ts";
import { createEntraTokens, type EntraTokens } from "../../lib/auth/client/entra-tokens.ts";
import { createTrustedServers, type TrustedServer } from "../../lib/auth/client/trusted-servers.ts";
import { createLog } from "../../lib/base/log.ts";
import { neutraliseLine } from "../../lib/base/text.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { confirm } from "../../lib/terminal/confirm.ts";

type ClientContext = Context<ClientOptions>;

/** How tokens are opened. */
export interface OpenTokensOptions {
  /** Whether this command may ask a person, given a terminal (DESIGN 5: `login` and the default flow). */
  readonly mayPrompt: boolean;
  readonly signal: AbortSignal;
}

/** Whether somebody sits there who can read a code and answer a question. */
export function hasPerson({ io }: ClientContext): boolean {
  return io.stdin.isTTY === true && io.stderr.isTTY === true;
}

function describeRecord({ origin, authority, scope, clientId }: TrustedServer): string {
  const rows = [
    ["Server", origin],
    ["Sign-in", authority],
    ["Scope", scope],
    ["Client id", clientId],
  ];
  return rows.map(([name = "", value = ""]) => `  ${name.padEnd(10)} ${neutraliseLine(value)}\n`).join("");
}

async function confirmServer(
  context: ClientContext,
  record: TrustedServer,
  signal: AbortSignal,
): Promise<boolean> {
  const { stdin: input, stderr: output } = context.io;
  output.write(`This has not been confirmed yet:\n${describeRecord(record)}`);
  output.write("The server will get a token that lets it act for you within this scope.\n");
  return confirm("Sign in there and remember it?", { input, output, signal });
}

/**
 * Decides with what to sign in: from the settings, else from the server's metadata once a person agreed.
 *
 * @throws `untrusted_destination`, `invalid_config`, `unreachable`
 */
export async function openPlan(
  context: ClientContext,
  { mayPrompt, signal }: OpenTokensOptions,
): Promise<SignInPlan> {
  const discovered = needsDiscovery(context)
    ? await discoverAuthorization(context.values.url, { signal })
    : undefined;
  const trusted = createTrustedServers(context.io.environment);
  const decision = planSignIn({ settings: context, discovered, trusted: await trusted.list() });
  if (decision.kind === "ready") return decision.plan;
  const isAgreed = mayPrompt && hasPerson(context) && (await confirmServer(context, decision.record, signal));
  if (!isAgreed) throw createUnconfirmedError(decision.record);
  await trusted.remember(decision.record, { signal });
  return decision.plan;
}

function showDeviceCode({ io }: ClientContext, prompt: DeviceCodePrompt): void {
  const minutes = Math.max(1, Math.round(prompt.expiresInSeconds / 60));
  io.stderr.write(
    [
      "To sign in, open this address in a browser and enter the code:",
      `  Address  ${neutraliseLine(prompt.verificationUri)}`,
      `  Code     ${neutraliseLine(prompt.userCode)}`,
      `Waiting for you; the code is good for ${minutes} ${minutes === 1 ? "minute" : "minutes"}. Ctrl-C gives up.`,
      "",
    ].join("\n"),
  );
}

/** Turns a plan into tokens: from the cache, by renewal, or by device code where a person may be asked. */
export function createTokens(context: ClientContext, plan: SignInPlan, mayPrompt: boolean): EntraTokens {
  const { tokenCache: cachePath, logLevel } = context.values;
  const showCode = (prompt: DeviceCodePrompt) => showDeviceCode(context, prompt);
  return createEntraTokens({
    ...plan,
    cachePath,
    log: createLog(logLevel),
    showDeviceCode: mayPrompt && hasPerson(context) ? showCode : undefined,
  });
}

/** Opens the tokens for the server of the settings. @throws as {@link openPlan} */
export async function openTokens(context: ClientContext, options: OpenTokensOptions): Promise<EntraTokens> {
  return createTokens(context, await openPlan(context, options), options.mayPrompt);
}
