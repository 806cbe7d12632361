import { AppError } from "../../lib/base/errors.ts";
import type { ServerOptions } from "../../lib/config/mcp-server.ts";
import type { Context } from "../../lib/config/run-program.ts";

type Origins = Context<ServerOptions>["origins"];

/** Which flags say nothing, and why. */
export interface VainFlags {
  readonly isVain: (setting: string) => boolean;
  /** The flag beside which they say nothing. */
  readonly beside: string;
  readonly hint: string;
}

/**
 * Refuses flags that say nothing beside another one: whoever gives them expects something of them. Variables are
 * left alone: an environment is not meant for this program only.
 *
 * @throws `usage`
 */
export function refuseVainFlags(origins: Origins, { isVain, beside, hint }: VainFlags): void {
  const given = Object.entries(origins).filter(([, { kind }]) => kind === "flag");
  const [vain] = given.flatMap(([setting, { name }]) => (isVain(setting) ? [name] : []));
  if (vain !== undefined) throw new AppError("usage", `${vain} says nothing with ${beside}.`, { hint });
}
