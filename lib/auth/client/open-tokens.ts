import type { Abortable } from "../../base/abort.ts";
import { toAppError } from "../../base/errors.ts";
import type { Log } from "../../base/log.ts";
import type { Environment } from "../../config/environment.ts";
import type { MachineCredential } from "../../config/machine-settings.ts";
import type { LoginMode } from "../../config/sign-in-options.ts";
import {
  createUnconfirmedError,
  needsDiscovery,
  planSignIn,
  type SignInPlan,
  type SignInSettings,
} from "./destination.ts";
import type { DeviceCodePrompt, SignInWait } from "./device-code.ts";
import { discoverAuthorization } from "./discover.ts";
import { createEntraTokens, type EntraTokens } from "./entra-tokens.ts";
import type { BrowserPrompt } from "./browser-code.ts";
import { createMachineTokens } from "./machine/machine-tokens.ts";
import { settingsOfMachine } from "./machine/machine-plan.ts";
import { createTrustedServers, type TrustedServer } from "./trusted-servers.ts";

/** How a person is asked. */
export interface SignInPrompts {
  /** Shows where to sign in and with which code. */
  showDeviceCode(prompt: DeviceCodePrompt): void;
  /** Shows where to sign in with a browser, and opens it. Absent: no browser is used. */
  readonly showAddress?: ((prompt: BrowserPrompt) => void) | undefined;
  /** Says why nothing happens for a while. */
  showWait(wait: SignInWait): void;
  /** Asks whether this server may get a token. */
  askToTrust(record: TrustedServer, options: Abortable): Promise<boolean>;
}

/** What tokens are opened from. */
export interface OpenTokensOptions {
  readonly settings: SignInSettings & {
    readonly values: { readonly tokenCache: string; readonly account: string | undefined };
  };
  readonly environment: Environment;
  readonly log: Log;
  /** Present: an application signs in as itself, and nobody is asked. */
  readonly machine?: MachineCredential | undefined;
  /** Default `auto`. */
  readonly login?: LoginMode | undefined;
  /** Absent: nobody may be asked. */
  readonly prompts?: SignInPrompts | undefined;
}

/**
 * Decides with what to sign in: from the settings, else from the server's metadata once a person agreed.
 *
 * @throws `untrusted_destination`, `invalid_config`, `unreachable`
 */
export async function openPlan(options: OpenTokensOptions, { signal }: Abortable): Promise<SignInPlan> {
  const { environment, log, prompts, machine } = options;
  const settings = machine ? settingsOfMachine(options.settings, machine) : options.settings;
  const discovered = needsDiscovery(settings)
    ? await discoverAuthorization(settings.values.url, signal ? { signal } : {})
    : undefined;
  const trusted = createTrustedServers(environment);
  const decision = planSignIn({ settings, discovered, trusted: await trusted.list() });
  if (decision.kind === "ready") return decision.plan;
  const { plan, record } = decision;
  const isAgreed = prompts !== undefined && (await prompts.askToTrust(record, { signal }));
  if (!isAgreed) throw createUnconfirmedError(record);
  await trusted.remember(record, { signal }).catch((error: unknown) => {
    signal?.throwIfAborted();
    // The person agreed: not being able to remember it costs a question next time, not this sign-in.
    log.warn(toAppError(error).message);
  });
  return plan;
}

/** Turns a plan into tokens: from the cache, by renewal, or by signing in where a person may be asked. */
export function createTokens(plan: SignInPlan, options: OpenTokensOptions): EntraTokens {
  const { settings, log, login, prompts, machine } = options;
  const shared = { ...plan, cachePath: settings.values.tokenCache, log };
  if (machine) return createMachineTokens({ ...shared, credential: machine });
  return createEntraTokens({
    ...shared,
    account: settings.values.account,
    login,
    showAddress: prompts?.showAddress,
    showDeviceCode: prompts && ((prompt) => prompts.showDeviceCode(prompt)),
    onWait: prompts && ((wait) => prompts.showWait(wait)),
  });
}
