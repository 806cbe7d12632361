import { signOut, signOutAccount } from "../../lib/auth/client/sign-out.ts";
import { neutraliseLine } from "../../lib/base/text.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import { readAuthMode } from "../../lib/config/oauth-settings.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";

interface Forgotten {
  readonly signedOut: boolean;
  /** What is said where somebody was signed in. */
  readonly what: string;
  /** What is said where not; of one account it does not say that nobody else was. */
  readonly nobody?: string;
}

async function forget(context: Context<ClientOptions>, signal: AbortSignal): Promise<Forgotten> {
  const { values } = context;
  if (readAuthMode(context) === "oauth") {
    const { openOAuth } = await import("./open-oauth.ts");
    const tokens = await openOAuth(context, { mayPrompt: false });
    return { signedOut: await tokens.signOut({ signal }), what: `the tokens for ${values.url} are gone` };
  }
  const { account, tokenCache } = values;
  if (account !== undefined) {
    const signedOut = await signOutAccount(tokenCache, account, { signal });
    const name = neutraliseLine(account);
    return { signedOut, what: `the tokens of ${name} are gone`, nobody: `${name} was not signed in` };
  }
  return { signedOut: await signOut(values.tokenCache, { signal }), what: `${values.tokenCache} is gone` };
}

/** `mcp-client logout` */
export async function run(context: Context<ClientOptions>): Promise<void> {
  const { values, io } = context;
  const { signedOut, what, nobody = "Nobody was signed in" } = await forget(context, watchInterrupt());
  if (values.json) io.stdout.write(`${JSON.stringify({ signedOut })}\n`);
  else io.stderr.write(signedOut ? `Signed out: ${what}.\n` : `${nobody}.\n`);
}
