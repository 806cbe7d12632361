import type { Toolset } from "../../../tools/toolset.ts";
import type { DirectTools } from "../binders.ts";
import { capabilities, listCaching, serverInfo } from "../server-info.ts";
import { listToolPage } from "../tool-params.ts";

export interface DirectBinding {
  /** How the 2026-07-28 server of the same tools names itself. Default {@link serverInfo}. */
  readonly info?: DirectTools["serverInfo"];
  /** Whether that server has nothing but these tools, so that what it lists is known. Default true. */
  readonly isWhole?: boolean;
}

/** What the server of revision 2026-07-28 says of itself, as the SDK writes it. */
function describeServer(toolset: Toolset, info: DirectTools["serverInfo"]): ReadonlyMap<string, string> {
  const results = {
    "tools/list": listToolPage(toolset, undefined),
    "server/discover": { supportedVersions: ["2026-07-28"], capabilities },
  };
  const ending = {
    resultType: "complete",
    ...listCaching,
    _meta: { "io.modelcontextprotocol/serverInfo": info },
  };
  return new Map(
    Object.entries(results).map(([method, result]) => [method, JSON.stringify({ ...result, ...ending })]),
  );
}

/** Lets the direct path call the tools of a toolset. */
export function bindToolsetDirect(toolset: Toolset, binding: DirectBinding = {}): DirectTools {
  const { info = serverInfo, isWhole = true } = binding;
  const names = new Set(toolset.list().map(({ name }) => name));
  return {
    serverInfo: info,
    has: (name) => names.has(name),
    kept: isWhole ? describeServer(toolset, info) : new Map(),
    callNow: (name, args, context) => toolset.callNow(name, args, context),
  };
}
