// The SDK's v2 handler on Bun and without tokens, with the tool of ours that is called: as its documentation shows it,
// or, with the argument "tuned", with schemas that are made once instead of for each request.
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";

const createSchemas = () => ({
  inputSchema: z.strictObject({ min: z.int(), max: z.int() }),
  outputSchema: z.strictObject({ random_number: z.int() }),
});
const kept = createSchemas();
const isTuned = process.argv.includes("tuned");

const handler = createMcpHandler(() => {
  const server = new McpServer({ name: "rival", version: "1.0.0" });
  server.registerTool("random_number_tool", isTuned ? kept : createSchemas(), ({ min }) => ({
    content: [{ type: "text", text: JSON.stringify({ random_number: min }) }],
    structuredContent: { random_number: min },
  }));
  return server;
});

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  development: false,
  fetch: (request) => handler.fetch(request),
});
process.stdout.write(`port ${server.port}\n`);
