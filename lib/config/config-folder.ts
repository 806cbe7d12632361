import { isAbsolute, join } from "node:path";
import type { Environment } from "./environment.ts";

function absoluteOrNothing(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}

/**
 * The folder of this project in the user's config folder: below `$XDG_CONFIG_HOME`, else `$HOME/.config`, on
 * Windows `%APPDATA%`. Relative paths are ignored: the current folder must not stand in for it.
 *
 * @see https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function findConfigFolder(environment: Environment, platform = process.platform): string | undefined {
  const home = environment["HOME"];
  const folder =
    platform === "win32"
      ? environment["APPDATA"]
      : (absoluteOrNothing(environment["XDG_CONFIG_HOME"]) ?? (home && join(home, ".config")));
  const base = absoluteOrNothing(folder);
  return base === undefined ? undefined : join(base, "mcp-entra");
}

/** As {@link findConfigFolder}, for what may be thrown away: `$XDG_CACHE_HOME`, `$HOME/.cache`, `%LOCALAPPDATA%`. */
export function findCacheFolder(environment: Environment, platform = process.platform): string | undefined {
  const home = environment["HOME"];
  const folder =
    platform === "win32"
      ? environment["LOCALAPPDATA"]
      : (absoluteOrNothing(environment["XDG_CACHE_HOME"]) ?? (home && join(home, ".cache")));
  const base = absoluteOrNothing(folder);
  return base === undefined ? undefined : join(base, "mcp-entra");
}

/** As {@link findConfigFolder}, for what people keep: `$XDG_DATA_HOME`, `$HOME/.local/share`, `%LOCALAPPDATA%`. */
export function findDataFolder(environment: Environment, platform = process.platform): string | undefined {
  const home = environment["HOME"];
  const folder =
    platform === "win32"
      ? environment["LOCALAPPDATA"]
      : (absoluteOrNothing(environment["XDG_DATA_HOME"]) ?? (home && join(home, ".local", "share")));
  const base = absoluteOrNothing(folder);
  return base === undefined ? undefined : join(base, "mcp-entra");
}
