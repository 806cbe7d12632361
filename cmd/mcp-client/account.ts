import type { EntraTokens } from "../../lib/auth/client/entra-tokens.ts";
import { createSignInRequiredError } from "../../lib/auth/client/sign-in-error.ts";
import { nameOf, type SignedInAccount } from "../../lib/auth/client/signed-in-account.ts";
import { neutraliseLine, toSafeJson } from "../../lib/base/text.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";

/**
 * Who is signed in.
 *
 * @throws `sign_in_required` when nobody is
 */
export async function readAccount(tokens: EntraTokens): Promise<SignedInAccount> {
  const account = await tokens.readAccount();
  if (account) return account;
  throw createSignInRequiredError();
}

function describeExpiry({ expiresAtSeconds, canRenew }: SignedInAccount): string {
  const minutes = Math.floor((expiresAtSeconds - Date.now() / 1000) / 60);
  if (minutes < 1)
    return canRenew ? "expired; the next call tries to renew it" : 'expired; run "mcp-client login"';
  const left = `good for ${minutes} more ${minutes === 1 ? "minute" : "minutes"}`;
  return canRenew ? `${left}, then renewed` : left;
}

/** Prints who is signed in on standard output; never the token. */
export function printAccount({ io, values }: Context<ClientOptions>, account: SignedInAccount): void {
  if (values.json) {
    io.stdout.write(`${toSafeJson(account)}\n`);
    return;
  }
  const rows = [
    ["Name", nameOf(account)],
    ["Tenant", account.tenantId],
    ["Scopes", account.scopes.join(" ")],
    ["Token", describeExpiry(account)],
  ];
  for (const [term = "", text = ""] of rows) io.stdout.write(`${term.padEnd(8)}${neutraliseLine(text)}\n`);
}

/**
 * Prints everybody who is signed in: one account as {@link printAccount} does, several one after the other, as JSON
 * in `accounts`.
 *
 * @throws `sign_in_required` when nobody is
 */
export async function printAccounts(context: Context<ClientOptions>, tokens: EntraTokens): Promise<void> {
  const accounts = await tokens.listAccounts();
  const [only] = accounts;
  if (!only) throw createSignInRequiredError();
  const { io, values } = context;
  if (accounts.length === 1) return printAccount(context, only);
  if (values.json) return void io.stdout.write(`${toSafeJson({ accounts })}\n`);
  for (const [index, account] of accounts.entries()) {
    if (index > 0) io.stdout.write("\n");
    printAccount(context, account);
  }
}
