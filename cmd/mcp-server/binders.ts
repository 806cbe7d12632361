import type { Log } from "../../lib/base/log.ts";
import type { ServerSettings } from "../../lib/config/mcp-server.ts";
import { builtInTools } from "../../lib/tools/built-in.ts";
import { createToolset, type Toolset } from "../../lib/tools/toolset.ts";
import type { Binders } from "../../lib/transport/server/binders.ts";
import { bindToolsetDirect } from "../../lib/transport/server/direct/bind-toolset.ts";

/** The built-in tools, whichever way they are called. */
export function composeToolset(settings: ServerSettings, log: Log): Toolset {
  return createToolset(builtInTools(settings), { log, timeLimitMs: settings.callSeconds * 1000 });
}

/** A toolset, bound to both families of MCP revisions. */
export function composeBinders(toolset: Toolset): Binders {
  return {
    async modern() {
      const { bindToolsetModern } = await import("../../lib/transport/server/modern/bind-toolset.ts");
      return (context) => bindToolsetModern(toolset, context);
    },
    async legacy() {
      const { bindToolsetLegacy } = await import("../../lib/transport/server/legacy/bind-toolset.ts");
      return (context) => bindToolsetLegacy(toolset, context);
    },
    direct: bindToolsetDirect(toolset),
  };
}
