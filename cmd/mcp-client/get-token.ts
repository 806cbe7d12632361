import { createSignInRequiredError } from "../../lib/auth/client/sign-in-error.ts";
import { AppError } from "../../lib/base/errors.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import type { TokenGiven } from "../../lib/transport/client/contract.ts";
import type { Credentials } from "./open-credentials.ts";
import { readCredentialMode } from "./open-credentials.ts";

/**
 * A token for the server of the settings, from the opened credentials; renewed, never asked for.
 *
 * @throws `sign_in_required`, `usage` where there are no tokens at all
 */
export async function getToken(
  context: Context<ClientOptions>,
  { tokens }: Credentials,
  signal: AbortSignal,
): Promise<TokenGiven> {
  if (!tokens) {
    const mode = readCredentialMode(context) === "file" ? "With --header-file" : "Without authentication";
    throw new AppError("usage", `${mode} there is no token to print.`);
  }
  const token = await tokens.getToken({ signal });
  if (token) return token;
  // By OAuth a token is looked for only; one that is over is renewed as if a server had refused it.
  const { readOAuthAccount } = await import("./oauth-account.ts");
  const account = await readOAuthAccount(context);
  const renewed = account.canRenew ? await tokens.getToken({ signal, rejected: "" }) : undefined;
  if (renewed) return renewed;
  throw createSignInRequiredError();
}
