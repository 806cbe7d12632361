import type { Log } from "../../lib/base/log.ts";
import type { ServerSettings } from "../../lib/config/mcp-server.ts";
import { builtInTools } from "../../lib/tools/built-in.ts";
import { createToolset, type Toolset } from "../../lib/tools/toolset.ts";
import type { Binders } from "../../lib/transport/server/binders.ts";
import { bindToolsetDirect } from "../../lib/transport/server/direct/bind-toolset.ts";
import { bindToolsetLegacy } from "../../lib/transport/server/legacy/bind-toolset.ts";
import { bindToolsetModern } from "../../lib/transport/server/modern/bind-toolset.ts";

/** The built-in tools, whichever way they are called. */
export function composeToolset(settings: ServerSettings, log: Log): Toolset {
  return createToolset(builtInTools(settings), { log, timeLimitMs: settings.callSeconds * 1000 });
}

/** A toolset, bound to both families of MCP revisions. */
export function composeBinders(toolset: Toolset): Binders {
  return {
    modern: bindToolsetModern.bind(undefined, toolset),
    legacy: bindToolsetLegacy.bind(undefined, toolset),
    direct: bindToolsetDirect(toolset),
  };
}
