import { AppError } from "../../lib/base/errors.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { nameOf } from "../../lib/auth/client/signed-in-account.ts";
import { printAccount, readAccount } from "./account.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";
import { hasPerson, openTokens } from "./open-tokens.ts";

/** `mcp-client login` */
export async function run(context: Context<ClientOptions>): Promise<void> {
  const signal = watchInterrupt();
  if (!hasPerson(context)) {
    throw new AppError("sign_in_required", "Signing in needs a terminal and a person.", {
      hint: 'Run "mcp-client login" once on a terminal; scripts then use the token cache.',
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
