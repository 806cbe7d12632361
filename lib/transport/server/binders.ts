import type { Server as ModernServer } from "@modelcontextprotocol/server";
import type { Principal } from "../../base/principal.ts";
import type { CallContext, ToolResult } from "../../tools/toolset.ts";
import type { LegacyServer } from "./legacy/legacy-server.ts";

/** For whom a server is bound. */
export interface BindContext {
  /** Absent where the server runs without authentication. */
  readonly principal: Principal | undefined;
}

/** Tools whose calls need nothing of an SDK, so that the direct path may answer them. */
export interface DirectTools {
  /** How the 2026-07-28 server names itself: it stands in every result. */
  readonly serverInfo: Readonly<Record<string, string>>;
  /** Whether the servers of both families would do nothing else for this tool than `callNow` does. */
  has(name: string): boolean;
  /** As `Toolset.callNow`. */
  callNow(name: string, args: unknown, context: CallContext): ToolResult | Promise<ToolResult>;
}

/**
 * What is served, in both families of MCP revisions: each gives a low-level `Server` of its SDK with handlers
 * set. The transport knows nothing else of it.
 */
export interface Binders {
  /** For one request of revision 2026-07-28. */
  modern(context: BindContext): ModernServer;
  /** For one session of the revisions 2024-11-05 to 2025-11-25. */
  legacy(context: BindContext): LegacyServer;
  /** Absent: every request goes through an SDK. */
  readonly direct?: DirectTools;
}
