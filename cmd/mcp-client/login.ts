import { AppError } from "../../lib/base/errors.ts";
import { neutraliseLine } from "../../lib/base/text.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import { readMachineCredential } from "../../lib/config/machine-settings.ts";
import { readAuthMode } from "../../lib/config/oauth-settings.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { nameOf } from "../../lib/auth/client/signed-in-account.ts";
import { printAccount, readAccount } from "./account.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";
import { openTokens } from "./open-tokens.ts";
import { canAsk } from "./sign-in-prompts.ts";

/** By OAuth the server says while connecting what it wants; so signing in is connecting. */
async function logInByOAuth(context: Context<ClientOptions>, signal: AbortSignal): Promise<void> {
  const [{ withConnection }, { readOAuthAccount, printOAuthAccount }] = await Promise.all([
    import("./open-connection.ts"),
    import("./oauth-account.ts"),
  ]);
  await withConnection(context, { mayPrompt: true, isFresh: true, signal }, async () => {});
  const account = await readOAuthAccount(context);
  if (context.values.json) printOAuthAccount(context, account);
  else context.io.stderr.write(`Signed in with ${neutraliseLine(account.issuer)}.\n`);
}

async function logInByEntra(context: Context<ClientOptions>, signal: AbortSignal): Promise<void> {
  if (!readMachineCredential(context) && !canAsk(context)) {
    throw new AppError("sign_in_required", "Signing in needs a terminal and a person.", {
      hint: 'Run "mcp-client login" once on a terminal; scripts then use the token cache. A program that shows a person what to do runs "mcp-client login --json".',
    });
  }
  const tokens = await openTokens(context, { mayPrompt: true, signal });
  await tokens.signIn({ signal });
  const account = await readAccount(tokens);
  if (context.values.json) printAccount(context, account);
  else
    context.io.stderr.write(
      `Signed in as ${nameOf(account)}. The tokens are in ${context.values.tokenCache}.\n`,
    );
}

/** Nobody signs in to a server without authentication. */
export function refuseWithoutAuth(): AppError {
  return new AppError("usage", "Without authentication (--auth none) nobody is signed in.");
}

/** `mcp-client login` */
export async function run(context: Context<ClientOptions>): Promise<void> {
  const signal = watchInterrupt();
  const mode = readAuthMode(context);
  if (mode === "none") throw refuseWithoutAuth();
  await (mode === "oauth" ? logInByOAuth(context, signal) : logInByEntra(context, signal));
}
