import { AppError } from "../../base/errors.ts";
import { quote } from "../../base/text.ts";
import type { Environment } from "../../config/environment.ts";

/** What no browser needs to see. */
const ownSecrets = ["MCP_CLIENT_SECRET", "ENTRA_CLIENT_SECRET", "OPENAI_API_KEY"];

/** A program and its first arguments; the address comes after them. */
export type Opener = readonly [program: string, ...first: string[]];

/** Over SSH a browser would open where nobody sits; on other systems than these it needs a display anyway. */
function findDesktopOpener(environment: Environment, platform: NodeJS.Platform): Opener | undefined {
  if (environment["SSH_CONNECTION"] || environment["SSH_CLIENT"]) return undefined;
  if (platform === "darwin") return ["/usr/bin/open"];
  const root = environment["SystemRoot"] || "C:\\Windows";
  return [`${root}\\System32\\rundll32.exe`, "url.dll,FileProtocolHandler"];
}

/**
 * What opens an address here: the program that `$BROWSER` names, else the platform's own; undefined where no
 * browser can be opened.
 */
export function findOpener(
  environment: Environment,
  platform: NodeJS.Platform = process.platform,
): Opener | undefined {
  const { BROWSER, DISPLAY, WAYLAND_DISPLAY, WSL_DISTRO_NAME, PATH = "" } = environment;
  if (BROWSER) return [BROWSER];
  if (platform === "darwin" || platform === "win32") return findDesktopOpener(environment, platform);
  if (WSL_DISTRO_NAME && Bun.which("wslview", { PATH })) return ["wslview"];
  return (DISPLAY || WAYLAND_DISPLAY) && Bun.which("xdg-open", { PATH }) ? ["xdg-open"] : undefined;
}

/**
 * Opens an address in a browser without a shell: the address, which comes from elsewhere, is one argument.
 *
 * @throws `sign_in_required` when the program cannot be started
 */
export function openBrowser(opener: Opener, url: string, environment: Environment): void {
  const passedOn = Object.entries(environment).filter(([name]) => !ownSecrets.includes(name));
  try {
    const child = Bun.spawn([...opener, url], {
      env: Object.fromEntries(passedOn),
      stdio: ["ignore", "ignore", "ignore"],
    });
    child.unref();
  } catch (cause) {
    throw new AppError("sign_in_required", `The browser ${quote(opener[0])} cannot be started.`, {
      hint: "Set BROWSER to the name or path of one program.",
      cause,
    });
  }
}
