import { AppError } from "../../../base/errors.ts";
import { quote } from "../../../base/text.ts";
import type { Environment } from "../../../config/environment.ts";

/** What no browser needs to see. */
const ownSecrets = ["MCP_CLIENT_SECRET", "OPENAI_API_KEY"];

/**
 * Opens an address with the program that `$BROWSER` names, without a shell: the address, which comes from elsewhere,
 * is its only argument.
 *
 * @throws `sign_in_required` when it cannot be started
 */
export function openBrowser(command: string, url: string, environment: Environment): void {
  const passedOn = Object.entries(environment).filter(([name]) => !ownSecrets.includes(name));
  try {
    const child = Bun.spawn([command, url], {
      env: Object.fromEntries(passedOn),
      stdio: ["ignore", "ignore", "ignore"],
    });
    child.unref();
  } catch (cause) {
    throw new AppError("sign_in_required", `The browser ${quote(command)} cannot be started.`, {
      hint: "Set BROWSER to the name or path of one program.",
      cause,
    });
  }
}
