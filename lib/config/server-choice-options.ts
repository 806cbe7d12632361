/** Settings that choose a server by its name in an `mcp.json`. */
export const serverChoiceOptions = {
  server: {
    kind: "text",
    flag: "server",
    short: "s",
    hint: "NAME",
    help: "Name of a server in an mcp.json, in place of --url.",
  },
  mcpConfig: {
    kind: "text",
    flag: "mcp-config",
    hint: "FILE",
    env: ["MCP_CONFIG"],
    folder: "ignore",
    help: "The mcp.json to look in.",
    defaultText: "./mcp.json, then mcp-entra/mcp.json in your config folder",
  },
} as const;

/** Their names, in the order of the help. */
export const serverChoiceOptionNames = ["server", "mcpConfig"] as const;
