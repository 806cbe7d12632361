import { createSignInRequiredError } from "../../lib/auth/client/sign-in-error.ts";
import { neutraliseLine, toSafeJson } from "../../lib/base/text.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { openOAuth } from "./open-oauth.ts";

/** What is stored for the server, without the tokens themselves. */
export interface OAuthAccount {
  readonly server: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Seconds since the Unix epoch; absent where the issuer does not say. */
  readonly expiresAtSeconds: number | undefined;
  readonly canRenew: boolean;
}

/**
 * With whom somebody is signed in to the server of the settings.
 *
 * @throws `sign_in_required` when nobody is
 */
export async function readOAuthAccount(context: Context<ClientOptions>): Promise<OAuthAccount> {
  const stored = await (await openOAuth(context, { mayPrompt: false })).readStored();
  if (!stored) throw createSignInRequiredError();
  const { issuer, token } = stored;
  return {
    server: token.server,
    issuer,
    clientId: token.clientId,
    scopes: (token.scope ?? "").split(/\s+/).filter((word) => word !== ""),
    expiresAtSeconds: token.expiresAtSeconds,
    canRenew: token.refreshToken !== undefined,
  };
}

/** Prints it on standard output. */
export function printOAuthAccount({ io, values }: Context<ClientOptions>, account: OAuthAccount): void {
  if (values.json) {
    io.stdout.write(`${toSafeJson(account)}\n`);
    return;
  }
  const { server, issuer, clientId, scopes, expiresAtSeconds } = account;
  const expiry = expiresAtSeconds === undefined ? "" : new Date(expiresAtSeconds * 1000).toISOString();
  const rows = [
    ["Server", server],
    ["Issuer", issuer],
    ["Client", clientId],
    ["Scopes", scopes.join(" ")],
    ["Expires", expiry],
  ];
  for (const [term = "", text = ""] of rows) {
    if (text !== "") io.stdout.write(`${term.padEnd(8)}${neutraliseLine(text)}\n`);
  }
}
