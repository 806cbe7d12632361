import { programVersion } from "../../base/version.ts";

/** How the server names itself in both families of MCP revisions (`Implementation`). */
export const serverInfo = {
  name: "mcp-server",
  title: "MCP server behind Microsoft Entra ID",
  version: programVersion,
} as const;
