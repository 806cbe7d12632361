import { signOut } from "../../lib/auth/client/sign-out.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";

/** `mcp-client logout` */
export async function run({ values, io }: Context<ClientOptions>): Promise<void> {
  const wasSignedIn = await signOut(values.tokenCache, { signal: watchInterrupt() });
  if (values.json) io.stdout.write(`${JSON.stringify({ signedOut: wasSignedIn })}\n`);
  else
    io.stderr.write(wasSignedIn ? `Signed out: ${values.tokenCache} is gone.\n` : "Nobody was signed in.\n");
}
