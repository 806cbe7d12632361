import { AppError } from "../../lib/base/errors.ts";
import { isLoopbackHost, isLoopbackUrl } from "../../lib/base/loopback.ts";
import type { ServerOptions, ServerSettings } from "../../lib/config/mcp-server.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { tokenOptionNames } from "../../lib/config/token-options.ts";
import { refuseVainFlags } from "./vain-flags.ts";

/** Whose tokens are accepted: with `--dev` the dev tenant's alone. */
const ofRealTenants: ReadonlySet<string> = new Set<keyof ServerOptions>([
  "tenantId",
  "apiClientId",
  "clientId",
  "audience",
  "cloud",
  "issuer",
  "jwksUri",
  "algorithms",
]);

const ofTokens: ReadonlySet<string> = new Set<keyof ServerOptions>(tokenOptionNames);

function checkFlags({ values, origins }: Context<ServerOptions>): void {
  if (values.dev) {
    const hint = "It accepts the tokens of its own local tenant; leave --dev out to accept yours.";
    refuseVainFlags(origins, { isVain: (setting) => ofRealTenants.has(setting), beside: "--dev", hint });
  }
  if (values.noAuth) {
    const hint = "It lets everybody in; leave --no-auth out to ask for tokens.";
    refuseVainFlags(origins, { isVain: (setting) => ofTokens.has(setting), beside: "--no-auth", hint });
  }
}

/** Through which name beyond this machine the server is reached, as far as the settings say. */
function reachOf({ publicUrl }: ServerSettings, host: string): string | undefined {
  if (!isLoopbackHost(host)) return host;
  return publicUrl === undefined || isLoopbackUrl(publicUrl) ? undefined : publicUrl;
}

/**
 * Refuses combinations that would open the door by mistake, or leave it more open than they look.
 *
 * @throws `usage`, `invalid_config`
 */
export function checkExposure(context: Context<ServerOptions>, host: string): void {
  const { noAuth, dev, allowUnauthenticatedNetwork } = context.values;
  if (noAuth && dev) throw new AppError("usage", "--no-auth and --dev exclude each other.");
  checkFlags(context);
  if (dev && !isLoopbackHost(host)) {
    throw new AppError("invalid_config", `--dev listens on this machine alone, not on ${host}.`);
  }
  const reach = reachOf(context.values, host);
  if (!noAuth || allowUnauthenticatedNetwork || reach === undefined) return;
  throw new AppError("invalid_config", `With --no-auth everybody who reaches ${reach} could use the tools.`, {
    hint:
      "Listen on 127.0.0.1 without a --public-url, or add --allow-unauthenticated-network if the network is " +
      "yours alone.",
  });
}
