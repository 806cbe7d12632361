/** The low-level server of the SDK's v1 line, for the rest of the transport, which does not import that line. */
export type { Server as LegacyServer } from "@modelcontextprotocol/sdk/server/index.js";
