import type { Server as ModernServer } from "@modelcontextprotocol/server";
import type { Principal } from "../../base/principal.ts";
import type { LegacyServer } from "./legacy/legacy-server.ts";

/** For whom a server is bound. */
export interface BindContext {
  /** Absent where the server runs without authentication. */
  readonly principal: Principal | undefined;
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
}
