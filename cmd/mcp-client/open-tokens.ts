import type { EntraTokens } from "../../lib/auth/client/entra-tokens.ts";
import {
  createTokens,
  openPlan,
  type OpenTokensOptions as TokenSources,
} from "../../lib/auth/client/open-tokens.ts";
import { createLog } from "../../lib/base/log.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import { readMachineCredential } from "../../lib/config/machine-settings.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { signInPromptsOf } from "./sign-in-prompts.ts";

/** How tokens are opened. */
export interface OpenTokensOptions {
  /** Whether this command may ask a person, given a terminal (DESIGN 5: `login` and the default flow). */
  readonly mayPrompt: boolean;
  readonly signal: AbortSignal;
}

/** What tokens are opened from, for a command that may or may not ask. */
export function tokenSourcesOf(context: Context<ClientOptions>, mayPrompt: boolean): TokenSources {
  const { io, values } = context;
  const machine = readMachineCredential(context);
  return {
    settings: context,
    environment: io.environment,
    log: createLog(values.logLevel),
    machine,
    login: values.login,
    prompts: mayPrompt && !machine ? signInPromptsOf(context) : undefined,
  };
}

/**
 * Opens the tokens for the server of the settings.
 *
 * @throws `untrusted_destination`, `invalid_config`, `unreachable`
 */
export async function openTokens(
  context: Context<ClientOptions>,
  { mayPrompt, signal }: OpenTokensOptions,
): Promise<EntraTokens> {
  const sources = tokenSourcesOf(context, mayPrompt);
  return createTokens(await openPlan(sources, { signal }), sources);
}
