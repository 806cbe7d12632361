import type { Log } from "../../lib/base/log.ts";
import type { ServerSettings } from "../../lib/config/mcp-server.ts";
import { builtInTools } from "../../lib/tools/built-in.ts";
import { createToolset } from "../../lib/tools/toolset.ts";
import type { Binders } from "../../lib/transport/server/binders.ts";
import { bindToolsetDirect } from "../../lib/transport/server/direct/bind-toolset.ts";
import { bindToolsetLegacy } from "../../lib/transport/server/legacy/bind-toolset.ts";
import { bindToolsetModern } from "../../lib/transport/server/modern/bind-toolset.ts";

/** The built-in tools, bound to both families of MCP revisions. */
export function composeBinders(settings: ServerSettings, log: Log): Binders {
  const toolset = createToolset(builtInTools(settings), { log, timeLimitMs: settings.callSeconds * 1000 });
  return {
    modern: bindToolsetModern.bind(undefined, toolset),
    legacy: bindToolsetLegacy.bind(undefined, toolset),
    direct: bindToolsetDirect(toolset),
  };
}
