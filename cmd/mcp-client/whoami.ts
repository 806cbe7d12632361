import { discoverAuthorization } from "../../lib/auth/client/discover.ts";
import { needsDiscovery, planSignIn } from "../../lib/auth/client/destination.ts";
import { createTokens } from "../../lib/auth/client/open-tokens.ts";
import { createTrustedServers } from "../../lib/auth/client/trusted-servers.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import { readMachineCredential } from "../../lib/config/machine-settings.ts";
import { readAuthMode } from "../../lib/config/oauth-settings.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { printAccounts } from "./account.ts";
import { refuseWithoutAuth } from "./login.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";
import { openTokens, tokenSourcesOf } from "./open-tokens.ts";

/** `mcp-client whoami`: reads the cache; sends no token anywhere, so nothing needs to be confirmed. */
export async function run(context: Context<ClientOptions>): Promise<void> {
  const signal = watchInterrupt();
  const mode = readAuthMode(context);
  if (mode === "none") throw refuseWithoutAuth();
  if (mode === "oauth") {
    const { readOAuthAccount, printOAuthAccount } = await import("./oauth-account.ts");
    return printOAuthAccount(context, await readOAuthAccount(context));
  }
  if (readMachineCredential(context)) {
    return printAccounts(context, await openTokens(context, { mayPrompt: false, signal }));
  }
  const discovered = needsDiscovery(context)
    ? await discoverAuthorization(context.values.url, { signal })
    : undefined;
  const trusted = await createTrustedServers(context.io.environment).list();
  const { plan } = planSignIn({ settings: context, discovered, trusted });
  await printAccounts(context, createTokens(plan, tokenSourcesOf(context, false)));
}
