import { Server as ModernServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { Server as LegacyServer } from "@modelcontextprotocol/sdk/server/index.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import {
  CallToolRequestSchema,
  ListToolsRequestSchema,
  SetLevelRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";

/*
 * A server that writes a log, and tells its environment. As a program it serves standard input and output; the first
 * word says which family of revisions: modern | legacy
 */

const info = { name: "talking", version: "1.0.0" };
const capabilities = { tools: {}, logging: {} };
const tools = ["talk", "environment"].map((name) => ({ name, inputSchema: { type: "object" as const } }));

const lines = [
  { level: "debug" as const, data: "a detail" },
  { level: "info" as const, logger: "db", data: "a \u001B[31mred\u001B[0m word\r\nand a row" },
  { level: "warning" as const, data: { rows: 3, text: "\u009B31m" } },
  { level: "critical" as const, logger: "\u001B]0;title\u0007x", data: "a fire" },
];

type Tell = (params: (typeof lines)[number]) => Promise<void>;

async function run(tool: string, tell: Tell) {
  if (tool === "talk") for (const line of lines) await tell(line);
  const text = tool === "talk" ? "talked" : JSON.stringify(process.env);
  return { content: [{ type: "text" as const, text }] };
}

/** What the clients of one test have asked for. */
export interface AskedLevels {
  readonly levels: unknown[];
}

/** For MCP 2026-07-28: it writes only to those who ask for it, and leaves the levels to them. */
export function bindTalkingModern({ levels }: AskedLevels): ModernServer {
  const server = new ModernServer(info, { capabilities });
  server.setRequestHandler("tools/list", async () => ({ tools }) as never);
  server.setRequestHandler("tools/call", async ({ params }, { mcpReq }) => {
    const level = (mcpReq as { envelope?: Record<string, unknown> }).envelope?.[
      "io.modelcontextprotocol/logLevel"
    ];
    levels.push(level);
    return (await run(params.name, async (line) => {
      if (level !== undefined) await mcpReq.notify({ method: "notifications/message", params: line });
    })) as never;
  });
  return server;
}

/** For 2025-11-25 and older. */
export function bindTalkingLegacy({ levels }: AskedLevels): LegacyServer {
  const server = new LegacyServer(info, { capabilities });
  server.setRequestHandler(ListToolsRequestSchema, async () => ({ tools }));
  server.setRequestHandler(SetLevelRequestSchema, async ({ params }) => {
    levels.push(params.level);
    return {};
  });
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { sendNotification }) =>
    run(params.name, (line) => sendNotification({ method: "notifications/message", params: line })),
  );
  return server;
}

if (import.meta.main) {
  const asked = { levels: [] };
  if (process.argv[2] === "legacy")
    await bindTalkingLegacy(asked).connect(new StdioServerTransport() as never);
  else serveStdio(() => bindTalkingModern(asked));
}
