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
  /** Results of requests without parameters that are always the same, as JSON, by method of revision 2026-07-28. */
  readonly kept: ReadonlyMap<string, string>;
  /** As `Toolset.callNow`. */
  callNow(name: string, args: unknown, context: CallContext): ToolResult | Promise<ToolResult>;
}

/** Gives a low-level `Server` of the SDK's v2 line with handlers set, for one request of revision 2026-07-28. */
export type BindModern = (context: BindContext) => ModernServer;

/** The same of its v1 line, for one session of the revisions 2024-11-05 to 2025-11-25. */
export type BindLegacy = (context: BindContext) => LegacyServer;

/**
 * What is served, in both families of MCP revisions. The transport knows nothing else of it. Each is loaded with the
 * first request that needs it: importing an SDK takes as long as the rest of the start.
 */
export interface Binders {
  modern(): Promise<BindModern>;
  legacy(): Promise<BindLegacy>;
  /** Absent: every request goes through an SDK. */
  readonly direct?: DirectTools;
}
