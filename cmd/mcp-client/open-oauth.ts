import { createTrustedIssuers } from "../../lib/auth/client/oauth/issuer-trust.ts";
import { openOAuthStore } from "../../lib/auth/client/oauth/oauth-store.ts";
import { type BrowserPrompts, OAuthTokens } from "../../lib/auth/client/oauth/oauth-tokens.ts";
import { openBrowser } from "../../lib/auth/client/open-browser.ts";
import { readPrivateFile } from "../../lib/auth/client/private-file.ts";
import { checkTokenDestination } from "../../lib/auth/client/destination.ts";
import { AppError } from "../../lib/base/errors.ts";
import { isLoopbackUrl } from "../../lib/base/loopback.ts";
import { quote } from "../../lib/base/text.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import { type OAuthSettings, readOAuthSettings } from "../../lib/config/oauth-settings.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { askOn } from "../../lib/terminal/confirm.ts";
import { createBrowserPrompts } from "../../lib/terminal/sign-in-prompts.ts";
import { hasPerson } from "./sign-in-prompts.ts";

const maxSecretBytes = 4096;

async function readSecret({ clientSecret, clientSecretFile }: OAuthSettings): Promise<string | undefined> {
  if (clientSecretFile === undefined) return clientSecret;
  const refuse = (problem: string) => {
    const message = `The file ${quote(clientSecretFile, 200)} with the client secret ${problem}.`;
    return new AppError("invalid_config", message, { hint: "It holds the secret alone, with mode 0600." });
  };
  const file = await readPrivateFile(clientSecretFile, maxSecretBytes);
  if (file.kind === "absent") throw refuse("does not exist");
  if (file.kind === "untrusted") throw refuse(file.fault);
  const secret = file.text.trim();
  if (secret === "") throw refuse("is empty");
  return secret;
}

/** A way to a person: a terminal, or a program that opens a browser; undefined where there is neither. */
function promptsOf(context: Context<ClientOptions>): BrowserPrompts | undefined {
  const { io } = context;
  const browser = io.environment["BROWSER"] || undefined;
  if (browser === undefined && !hasPerson(context)) return undefined;
  const { showAddress, askToTrustIssuer } = createBrowserPrompts({ input: io.stdin, output: io.stderr });
  return {
    show(address) {
      showAddress(address);
      if (browser !== undefined) openBrowser([browser], address, io.environment);
    },
    askToTrust: askOn(io) && askToTrustIssuer,
  };
}

/** How a command may get tokens. */
export interface OpenOAuthOptions {
  /** Whether this command may ask a person (DESIGN 5). */
  readonly mayPrompt: boolean;
  /** Begin anew, whatever is stored. */
  readonly isFresh?: boolean;
}

/**
 * Opens the tokens of `--auth oauth` for the server of the settings.
 *
 * @throws `usage`, `invalid_config`, `untrusted_destination`
 */
export async function openOAuth(
  context: Context<ClientOptions>,
  { mayPrompt, isFresh }: OpenOAuthOptions,
): Promise<OAuthTokens> {
  const { url } = context.values;
  const settings = readOAuthSettings(context);
  if (context.origins.url.kind === "folder" && !isLoopbackUrl(url)) {
    throw new AppError(
      "untrusted_destination",
      `Nobody named ${quote(url)} but a ${context.origins.url.file ?? "./.env"}.`,
      {
        hint: "Give --url, or name the file with --env-file or --mcp-config.",
      },
    );
  }
  checkTokenDestination(url);
  const { environment } = context.io;
  const { clientId, clientMetadataUrl, scope, issuer, redirectPort } = settings;
  return new OAuthTokens({
    url,
    client: { clientId, clientSecret: await readSecret(settings), clientMetadataUrl },
    scope,
    issuer,
    redirectPort,
    store: openOAuthStore(environment),
    trusted: createTrustedIssuers(environment),
    prompts: mayPrompt ? promptsOf(context) : undefined,
    isFresh,
  });
}
