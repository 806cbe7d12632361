import type { Toolset } from "../../../tools/toolset.ts";
import type { DirectTools } from "../binders.ts";
import { serverInfo } from "../server-info.ts";

/**
 * Lets the direct path call the tools of a toolset.
 *
 * @param info how the 2026-07-28 server of the same tools names itself
 */
export function bindToolsetDirect(
  toolset: Toolset,
  info: DirectTools["serverInfo"] = serverInfo,
): DirectTools {
  const names = new Set(toolset.list().map(({ name }) => name));
  return {
    serverInfo: info,
    has: (name) => names.has(name),
    callNow: (name, args, context) => toolset.callNow(name, args, context),
  };
}
