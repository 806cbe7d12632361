import type { Toolset } from "../../../tools/toolset.ts";
import type { DirectTools } from "../binders.ts";
import { serverInfo } from "../server-info.ts";

/** Lets the direct path call the tools of a toolset. */
export function bindToolsetDirect(toolset: Toolset): DirectTools {
  const names = new Set(toolset.list().map(({ name }) => name));
  return {
    serverInfo,
    has: (name) => names.has(name),
    call: (name, args, context) => toolset.call(name, args, context),
  };
}
