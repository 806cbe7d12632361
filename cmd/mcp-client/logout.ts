import { signOut, signOutAccount } from "../../lib/auth/client/sign-out.ts";
import { neutraliseLine } from "../../lib/base/text.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import { readAuthMode } from "../../lib/config/oauth-settings.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";

async function forget(context: Context<ClientOptions>, signal: AbortSignal) {
  const { values } = context;
  if (readAuthMode(context) === "oauth") {
    const { openOAuth } = await import("./open-oauth.ts");
    const tokens = await openOAuth(context, { mayPrompt: false });
    return { signedOut: await tokens.signOut({ signal }), what: `The tokens for ${values.url} are gone` };
  }
  const { account, tokenCache } = values;
  if (account !== undefined) {
    const signedOut = await signOutAccount(tokenCache, account, { signal });
    return { signedOut, what: `the tokens of ${neutraliseLine(account)} are gone` };
  }
  return { signedOut: await signOut(values.tokenCache, { signal }), what: `${values.tokenCache} is gone` };
}

/** `mcp-client logout` */
export async function run(context: Context<ClientOptions>): Promise<void> {
  const { values, io } = context;
  const { signedOut, what } = await forget(context, watchInterrupt());
  if (values.json) io.stdout.write(`${JSON.stringify({ signedOut })}\n`);
  else io.stderr.write(signedOut ? `Signed out: ${what}.\n` : "Nobody was signed in.\n");
}
