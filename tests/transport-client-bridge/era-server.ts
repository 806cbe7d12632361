import {
  acceptedContent,
  createMcpHandler,
  inputRequired,
  isLegacyRequest,
  Server as ModernServer,
} from "@modelcontextprotocol/server";
import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js";
import { Server as LegacyServer } from "@modelcontextprotocol/sdk/server/index.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import {
  CallToolRequestSchema,
  ElicitResultSchema,
  ListResourcesRequestSchema,
  ListToolsRequestSchema,
  type ServerNotification,
  type ServerRequest,
  SetLevelRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";

/** Which families of revisions the server speaks. */
export type Eras = "legacy" | "modern" | "both";

const person = z.object({ name: z.string() });
const personSchema = {
  type: "object" as const,
  properties: { name: { type: "string" as const } },
  required: ["name"],
};
const inputSchema = {
  type: "object" as const,
  properties: { steps: { type: "integer" as const, "x-mcp-header": "Steps" } },
};
const names = ["count", "wait", "ask", "log", "fail"] as const;
const capabilities = {
  tools: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  logging: {},
};
const text = (value: string) => ({ content: [{ type: "text" as const, text: value }] });

interface Run {
  readonly signal: AbortSignal;
  readonly args: Readonly<Record<string, unknown>>;
  progress(progress: number): Promise<void>;
}

/** What both families have in common. */
function createWorld() {
  const events: string[] = [];
  let wake = Promise.withResolvers<void>();
  const note = (event: string) => {
    events.push(event);
    wake.resolve();
    wake = Promise.withResolvers<void>();
  };
  return {
    events,
    note,
    async waitFor(event: string): Promise<void> {
      while (!events.includes(event)) await wake.promise;
    },
    async run(name: string, { args, signal, progress }: Run) {
      if (name === "fail") throw Object.assign(new Error("On purpose."), { code: -31_999 });
      if (name === "count") {
        const steps = Number(args["steps"] ?? 3);
        for (let step = 1; step <= steps; step++) await progress(step);
        return text(`counted to ${steps}`);
      }
      note("waiting");
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      note("cancelled");
      return text("never seen");
    },
  };
}

type World = ReturnType<typeof createWorld>;

function bindModern(world: World, tools: readonly string[]): ModernServer {
  const server = new ModernServer({ name: "era", version: "1" }, { capabilities, instructions: "Be kind." });
  server.setRequestHandler("tools/list", () => ({ tools: tools.map((name) => ({ name, inputSchema })) }));
  server.setRequestHandler("resources/list", () => ({ resources: [{ uri: "mem://a", name: "a" }] }));
  server.setRequestHandler("tools/call", async ({ params }, { mcpReq }) => {
    const { name, arguments: args = {} } = params;
    if (name === "ask") {
      const answer = acceptedContent(mcpReq.inputResponses, "who", person);
      if (answer) return text(`Hello, ${answer.name}!`);
      const who = inputRequired.elicit({ message: "Who are you?", requestedSchema: person });
      return inputRequired({ inputRequests: { who } });
    }
    if (name === "log") {
      await mcpReq.log("info", "said something");
      return text("logged");
    }
    const progressToken = params["_meta"]?.progressToken;
    const progress = async (step: number) => {
      if (progressToken === undefined) return;
      const method = "notifications/progress";
      await mcpReq.notify({ method, params: { progressToken, progress: step } });
    };
    return world.run(name, { args, signal: mcpReq.signal, progress });
  });
  return server;
}

async function callLegacy(
  world: World,
  { params }: z.infer<typeof CallToolRequestSchema>,
  extra: RequestHandlerExtra<ServerRequest, ServerNotification>,
) {
  const { name, arguments: args = {} } = params;
  if (name === "ask") {
    const question = {
      method: "elicitation/create" as const,
      params: { mode: "form" as const, message: "Who are you?", requestedSchema: personSchema },
    };
    const { content } = await extra.sendRequest(question, ElicitResultSchema);
    return text(`Hello, ${String(content?.["name"])}!`);
  }
  if (name === "log") {
    const message = { level: "info" as const, data: "said something" };
    await extra.sendNotification({ method: "notifications/message", params: message });
    return text("logged");
  }
  const progressToken = extra._meta?.progressToken;
  const progress = async (step: number) => {
    if (progressToken === undefined) return;
    const method = "notifications/progress";
    await extra.sendNotification({ method, params: { progressToken, progress: step } });
  };
  return world.run(name, { args, signal: extra.signal, progress });
}

function bindLegacy(world: World, tools: readonly string[]): LegacyServer {
  const server = new LegacyServer({ name: "era", version: "1" }, { capabilities, instructions: "Be kind." });
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: tools.map((name) => ({ name, inputSchema })),
  }));
  server.setRequestHandler(ListResourcesRequestSchema, () => ({
    resources: [{ uri: "mem://a", name: "a" }],
  }));
  server.setRequestHandler(CallToolRequestSchema, (request, extra) => callLegacy(world, request, extra));
  server.setRequestHandler(SubscribeRequestSchema, ({ params }) => {
    world.note(`subscribed ${params.uri}`);
    return {};
  });
  server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
    world.note(`unsubscribed ${params.uri}`);
    return {};
  });
  server.setRequestHandler(SetLevelRequestSchema, ({ params }) => {
    world.note(`level ${params.level}`);
    return {};
  });
  return server;
}

/** Bun withholds the headers of a stream until its first byte. */
function sendHeadersAtOnce(response: Response): Response {
  if (!response.headers.get("content-type")?.includes("event-stream") || !response.body) return response;
  const first = new TransformStream<Uint8Array, Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(":\n\n")),
  });
  const { status, headers } = response;
  return new Response(response.body.pipeThrough(first), { status, headers });
}

interface Session {
  readonly transport: WebStandardStreamableHTTPServerTransport;
  readonly server: LegacyServer;
}

export interface EraServerOptions {
  readonly eras: Eras;
  /** Looks at each request first; what it returns is the answer. */
  intercept?(request: Request, body: string): Response | undefined | Promise<Response | undefined>;
}

/** A server with tools that count, wait, ask, log and fail, made from the SDKs, in the families that are wanted. */
export function startEraServer({ eras, intercept }: EraServerOptions) {
  const world = createWorld();
  const tools: string[] = [...names];
  const sessions = new Map<string, Session>();
  const seen: { rpcMethod: string | undefined; headers: Headers; method: string }[] = [];
  const modern = createMcpHandler(() => bindModern(world, tools), { legacy: "reject" });

  async function openSession(): Promise<Session> {
    const server = bindLegacy(world, tools);
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      onsessioninitialized: (id) => void sessions.set(id, { transport, server }),
      onsessionclosed: (id) => {
        sessions.delete(id);
        world.note("session ended");
      },
    });
    await server.connect(transport as never);
    return { transport, server };
  }

  async function serveLegacy(request: Request): Promise<Response> {
    const id = request.headers.get("mcp-session-id");
    const session = id === null ? await openSession() : sessions.get(id);
    if (request.method === "GET" && session) world.note("listening");
    return session ? session.transport.handleRequest(request) : new Response("no session", { status: 404 });
  }

  const web = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    development: false,
    async fetch(request, bun) {
      const body = await request.clone().text();
      bun.timeout(request, 0);
      const rpcMethod = body === "" ? undefined : (JSON.parse(body) as { method?: string }).method;
      seen.push({ rpcMethod, headers: request.headers, method: request.method });
      const answer = await intercept?.(request, body);
      if (answer) return answer;
      const { url, method, headers } = request;
      const copy = new Request(url, { method, headers, body: body || null });
      const isLegacy = eras === "legacy" || (eras === "both" && (await isLegacyRequest(copy)));
      if (rpcMethod === "subscriptions/listen") world.note("listening");
      return sendHeadersAtOnce(await (isLegacy ? serveLegacy(request) : modern.fetch(request)));
    },
  });

  return {
    url: `http://127.0.0.1:${web.port}/mcp`,
    seen,
    events: world.events,
    waitFor: world.waitFor,
    sessions,
    count: (rpcMethod: string) => seen.filter((request) => request.rpcMethod === rpcMethod).length,
    /** Forgets all sessions, as a restart does. */
    forget: () => sessions.clear(),
    /** One tool more, of which every listener is told. */
    async addTool(name: string): Promise<void> {
      tools.push(name);
      modern.notify.toolsChanged();
      for (const { server } of sessions.values()) await server.sendToolListChanged();
    },
    async updateResource(uri: string): Promise<void> {
      modern.notify.resourceUpdated(uri);
      for (const { server } of sessions.values()) await server.sendResourceUpdated({ uri });
    },
    async [Symbol.asyncDispose]() {
      await modern.close();
      await web.stop(true);
    },
  };
}
