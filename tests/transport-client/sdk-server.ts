import { createMcpHandler, isLegacyRequest, Server as ModernServer } from "@modelcontextprotocol/server";
import { Server as LegacyServer } from "@modelcontextprotocol/sdk/server/index.js";
import {
  type EventStore,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import {
  CallToolRequestSchema,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
} from "@modelcontextprotocol/sdk/types.js";

interface ToolRun {
  readonly signal: AbortSignal;
  /** Reports to callers who asked for it. */
  report(progress: number, total?: number, message?: string): Promise<void>;
}

interface ToolOutput {
  content: { type: "text"; text: string }[];
  structuredContent?: Record<string, unknown>;
  isError?: boolean;
}

/** A tool of a test server. */
export interface TestTool {
  readonly name: string;
  readonly outputSchema?: Record<string, unknown>;
  run(args: Record<string, unknown>, context: ToolRun): Promise<ToolOutput>;
}

/** What a test may bend in a server made from the SDKs. */
export interface SdkServerOptions {
  readonly tools: readonly TestTool[];
  /** Servers in place of those that offer the tools. */
  readonly bind?: { modern(): ModernServer; legacy(): LegacyServer };
  /** Default both. */
  readonly eras?: "both" | "modern" | "legacy";
  /** Default: any that is free. */
  readonly port?: number;
  /** Sessions keep their events, so that broken streams can be taken up again. */
  readonly keepsEvents?: boolean;
  /** Looks at each request first; what it returns is the answer. */
  intercept?(request: Request, body: string): Response | undefined | Promise<Response | undefined>;
}

/** One request that a server has seen. */
export interface SeenRequest {
  readonly method: string;
  readonly rpcMethod: string | undefined;
  readonly authorization: string | null;
  readonly signal: AbortSignal;
}

const inputSchema = { type: "object" as const };
const text = (value: string): ToolOutput => ({ content: [{ type: "text", text: value }] });

/** Tools that most tests need. */
export const echo: TestTool = { name: "echo", run: async (args) => text(JSON.stringify(args)) };

function describe({ name, outputSchema }: TestTool) {
  const schema = outputSchema && { outputSchema: outputSchema as typeof inputSchema };
  return { name, description: `Does ${name}.`, inputSchema, ...schema };
}

function bindModern({ tools }: SdkServerOptions): ModernServer {
  const server = new ModernServer({ name: "test", version: "1.2.3" }, { capabilities: { tools: {} } });
  server.setRequestHandler("tools/list", async () => ({ tools: tools.map(describe) }));
  server.setRequestHandler("tools/call", async (request, context) => {
    const tool = tools.find(({ name }) => name === request.params.name);
    if (!tool) throw new McpError(ErrorCode.InvalidParams, "no such tool");
    const progressToken = request.params["_meta"]?.progressToken;
    const report: ToolRun["report"] = async (progress, total, message) => {
      if (progressToken === undefined) return;
      const params = { progressToken, progress, ...(total && { total }), ...(message && { message }) };
      await context.mcpReq.notify({ method: "notifications/progress", params });
    };
    const { signal } = context.mcpReq;
    return (await tool.run(request.params.arguments ?? {}, { signal, report })) as never;
  });
  return server;
}

function bindLegacy({ tools }: SdkServerOptions): LegacyServer {
  const server = new LegacyServer({ name: "test", version: "1.2.3" }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, async () => ({ tools: tools.map(describe) }));
  server.setRequestHandler(CallToolRequestSchema, async (request, { signal, sendNotification }) => {
    const tool = tools.find(({ name }) => name === request.params.name);
    if (!tool) throw new McpError(ErrorCode.InvalidParams, "no such tool");
    const progressToken = request.params["_meta"]?.progressToken;
    const report: ToolRun["report"] = async (progress, total, message) => {
      if (progressToken === undefined) return;
      const params = { progressToken, progress, ...(total && { total }), ...(message && { message }) };
      await sendNotification({ method: "notifications/progress", params });
    };
    return { ...(await tool.run(request.params.arguments ?? {}, { signal, report })) };
  });
  return server;
}

function createEventStore(): EventStore {
  const events: { id: string; stream: string; message: unknown }[] = [];
  return {
    async storeEvent(stream, message) {
      const id = `${events.length}`;
      events.push({ id, stream, message });
      return id;
    },
    async replayEventsAfter(lastEventId, { send }) {
      const last = events[Number(lastEventId)];
      for (const { id, stream, message } of events.slice(Number(lastEventId) + 1)) {
        const isMessage = Object.keys(message as object).length > 0;
        if (stream === last?.stream && isMessage) await send(id, message as never);
      }
      return last?.stream ?? "";
    },
  };
}

/** Bun withholds the headers of a stream until its first byte. */
function sendHeadersAtOnce(response: Response): Response {
  if (!response.headers.get("content-type")?.includes("event-stream") || !response.body) return response;
  const first = new TransformStream<Uint8Array, Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(":\n\n")),
  });
  return new Response(response.body.pipeThrough(first), {
    status: response.status,
    headers: response.headers,
  });
}

async function openSession(
  options: SdkServerOptions,
  sessions: Map<string, WebStandardStreamableHTTPServerTransport>,
): Promise<WebStandardStreamableHTTPServerTransport> {
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: () => crypto.randomUUID(),
    onsessioninitialized: (id) => void sessions.set(id, transport),
    onsessionclosed: (id) => void sessions.delete(id),
    retryInterval: 20,
    ...(options.keepsEvents && { eventStore: createEventStore() }),
  });
  await (options.bind?.legacy() ?? bindLegacy(options)).connect(transport as never);
  return transport;
}

async function serveLegacy(
  request: Request,
  options: SdkServerOptions,
  sessions: Map<string, WebStandardStreamableHTTPServerTransport>,
): Promise<Response> {
  const id = request.headers.get("mcp-session-id");
  const session = id === null ? await openSession(options, sessions) : sessions.get(id);
  return session ? session.handleRequest(request) : new Response("no such session", { status: 404 });
}

/** Starts a server that is made from the SDKs, as other people's servers are. */
export function startSdkServer(options: SdkServerOptions) {
  const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>();
  const seen: SeenRequest[] = [];
  const eras = options.eras ?? "both";
  const modern = createMcpHandler(() => options.bind?.modern() ?? bindModern(options), { legacy: "reject" });
  const server = Bun.serve({
    port: options.port ?? 0,
    hostname: "127.0.0.1",
    development: false,
    async fetch(request, bun) {
      const body = await request.clone().text();
      bun.timeout(request, 0);
      const rpcMethod = body === "" ? undefined : (JSON.parse(body) as { method?: string }).method;
      const { method, signal } = request;
      seen.push({ method, rpcMethod, signal, authorization: request.headers.get("authorization") });
      const answer = await options.intercept?.(request, body);
      if (answer) return answer;
      const copy = new Request(request.url, {
        method: request.method,
        headers: request.headers,
        body: body || null,
      });
      const isLegacy = eras === "legacy" || (eras === "both" && (await isLegacyRequest(copy)));
      const response = isLegacy ? serveLegacy(request, options, sessions) : modern.fetch(request);
      return sendHeadersAtOnce(await response);
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}/mcp`,
    seen,
    sessions,
    /** How many requests with this JSON-RPC method came. */
    count: (rpcMethod: string) => seen.filter((request) => request.rpcMethod === rpcMethod).length,
    stop: () => server.stop(true),
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}
