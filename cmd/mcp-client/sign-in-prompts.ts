import type { SignInPrompts } from "../../lib/auth/client/open-tokens.ts";
import { findOpener, openBrowser } from "../../lib/auth/client/open-browser.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { createSignInEvents } from "../../lib/terminal/sign-in-events.ts";
import { createSignInPrompts } from "../../lib/terminal/sign-in-prompts.ts";

/** Whether somebody sits there who can read a code and answer a question. */
export function hasPerson({ io }: Context<ClientOptions>): boolean {
  return io.stdin.isTTY === true && io.stderr.isTTY === true;
}

/**
 * Whether a person can be asked to sign in: one on a terminal, one behind a program that runs `login --json` and shows
 * its events, or one before the browser that `--login browser` and `$BROWSER` together name.
 */
export function canAsk(context: Context<ClientOptions>): boolean {
  const { command, values, io } = context;
  const hasBrowser = values.login === "browser" && Boolean(io.environment["BROWSER"]);
  return hasPerson(context) || hasBrowser || (command === "login" && values.json);
}

/** Shows an address and opens it; undefined where no browser can be used. */
function showAddressBy(
  { io, values }: Context<ClientOptions>,
  show: NonNullable<SignInPrompts["showAddress"]>,
): SignInPrompts["showAddress"] {
  const opener = findOpener(io.environment);
  // Somebody who asked for a browser can also open the address by hand.
  if (!opener && values.login !== "browser") return undefined;
  return (prompt) => {
    show(prompt);
    if (opener) openBrowser(opener, prompt.address, io.environment);
  };
}

/** How a person is asked, or undefined where nobody can be. With `--json` it is told in events. */
export function signInPromptsOf(context: Context<ClientOptions>): SignInPrompts | undefined {
  if (!canAsk(context)) return undefined;
  const { io, values } = context;
  const prompts = createSignInPrompts({ input: io.stdin, output: io.stderr });
  const told = values.json ? { ...prompts, ...createSignInEvents(io.stderr) } : prompts;
  return {
    ...told,
    // Only a person can say whom to trust.
    askToTrust: hasPerson(context) ? told.askToTrust : () => Promise.resolve(false),
    showAddress: showAddressBy(context, told.showAddress),
  };
}
