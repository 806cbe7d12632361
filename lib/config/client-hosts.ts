/** Programs that use MCP servers, by the names under which `mcp-client config for` knows them. */
export const clientHosts = ["vscode", "vscode-bridge", "claude", "cursor", "inspector"] as const;
export type ClientHost = (typeof clientHosts)[number];
