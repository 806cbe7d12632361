import { programVersion } from "../../base/version.ts";

/** How the server names itself in both families of MCP revisions (`Implementation`). */
export const serverInfo = {
  name: "mcp-server",
  title: "MCP server behind Microsoft Entra ID",
  version: programVersion,
} as const;

/** What it offers, in both families. */
export const capabilities = { tools: {} } as const;

/** How long clients may keep lists, in milliseconds, and for whom: the tools of a running server never change. */
export const listCaching = { ttlMs: 60_000, cacheScope: "private" } as const;
