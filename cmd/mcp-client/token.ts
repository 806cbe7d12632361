import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";
import { getToken } from "./get-token.ts";
import { type CredentialMode, openCredentials, readCredentialMode } from "./open-credentials.ts";

/** The scopes of the token, as far as they are known; of another program's tokens they are not. */
async function readScopes(context: Context<ClientOptions>, mode: CredentialMode, signal: AbortSignal) {
  if (mode === "oauth") return (await (await import("./oauth-account.ts")).readOAuthAccount(context)).scopes;
  if (mode !== "entra") return undefined;
  const [{ openTokens }, { readAccount }] = await Promise.all([
    import("./open-tokens.ts"),
    import("./account.ts"),
  ]);
  return (await readAccount(await openTokens(context, { mayPrompt: false, signal }))).scopes;
}

/** `mcp-client token`: the one command whose purpose is to show a token (DESIGN 5). */
export async function run(context: Context<ClientOptions>): Promise<void> {
  const signal = watchInterrupt();
  const { io, values } = context;
  const credentials = await openCredentials(context, { mayPrompt: false, signal });
  const { value, expiresAtSeconds } = await getToken(context, credentials, signal);
  if (!values.json) {
    io.print(`${value}\n`);
    return;
  }
  const isKnown = expiresAtSeconds < Number.MAX_SAFE_INTEGER;
  const expiry = isKnown
    ? { expiresAtSeconds, expiresOn: new Date(expiresAtSeconds * 1000).toISOString() }
    : {};
  const scopes = await readScopes(context, readCredentialMode(context), signal);
  io.print(`${JSON.stringify({ accessToken: value, tokenType: "Bearer", ...expiry, scopes })}\n`);
}
