// The SDK's v1 server as its documentation shows it, with express on Node, sessions and without tokens. It is bundled
// by `http.ts`, because Node 20 takes no TypeScript.
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { InMemoryEventStore } from "@modelcontextprotocol/sdk/examples/shared/inMemoryEventStore.js";
import { createMcpExpressApp } from "@modelcontextprotocol/sdk/server/express.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { isInitializeRequest } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";

const inputSchema = { min: z.int(), max: z.int() };
const outputSchema = { random_number: z.int() };
/** Its streams can be resumed, as in the SDK's example and as ours can. */
const eventStore = new InMemoryEventStore();
const transports = new Map<string, StreamableHTTPServerTransport>();

async function open(): Promise<StreamableHTTPServerTransport> {
  const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    eventStore,
    onsessioninitialized: (id) => void transports.set(id, transport),
    onsessionclosed: (id) => void transports.delete(id),
  });
  const server = new McpServer({ name: "rival", version: "1.0.0" });
  server.registerTool("random_number_tool", { inputSchema, outputSchema }, ({ min }) => ({
    content: [{ type: "text", text: JSON.stringify({ random_number: min }) }],
    structuredContent: { random_number: min },
  }));
  // Its optional members are typed without undefined (1.32.2).
  await server.connect(transport as Parameters<typeof server.connect>[0]);
  return transport;
}

async function answer(request: IncomingMessage & { body: unknown }, response: ServerResponse): Promise<void> {
  const known = transports.get(String(request.headers["mcp-session-id"]));
  const transport = known ?? (isInitializeRequest(request.body) ? await open() : undefined);
  if (transport) await transport.handleRequest(request, response, request.body);
  else response.writeHead(404).end();
}

const app = createMcpExpressApp();
app.all(
  "/mcp",
  (request: IncomingMessage & { body: unknown }, response: ServerResponse) => void answer(request, response),
);
const listening = app.listen(0, "127.0.0.1", () => {
  process.stdout.write(`port ${(listening.address() as AddressInfo).port}\n`);
});
