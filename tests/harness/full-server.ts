import { Server as ModernServer } from "@modelcontextprotocol/server";
import { Server as LegacyServer } from "@modelcontextprotocol/sdk/server/index.js";
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  ErrorCode,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";

/*
 * A server made from the SDKs that offers everything a server may offer, in both families of revisions.
 */

/** What a tool of the server can do beside answering. */
interface Running {
  readonly signal: AbortSignal;
  report(progress: number, total: number, message: string): Promise<void>;
  /** Tells the test what happened. */
  note(text: string): void;
}

const png = Buffer.from("89504e470d0a1a0a", "hex").toString("base64");
const esc = "\u001B[31mred\u001B[0m\u001B]0;title\u0007";

const orderSchema = {
  type: "object" as const,
  properties: {
    id: { type: "string", pattern: "^[0-9]+$" },
    count: { type: "integer", minimum: 1, maximum: 9 },
    color: { enum: ["red", "green"] },
  },
  required: ["id"],
  additionalProperties: false,
};

/** The tools, as they are listed. */
const tools = [
  { name: "order", description: "Takes an order.", inputSchema: orderSchema },
  ...["picture", "fail", "hostile", "chatty", "silent", "ordinary;touch pwned", "or$(touch pwned)"].map(
    (name) => ({
      name,
      description: `Does ${name} things.`,
      inputSchema: { type: "object" as const },
    }),
  ),
];

async function chat({ report, signal }: Running): Promise<unknown> {
  const steps = 10;
  for (let step = 1; step <= steps && !signal.aborted; step++) {
    await report(step, steps, `step ${step}`);
    await Bun.sleep(300);
  }
  return { content: [{ type: "text", text: "talked" }] };
}

async function stayQuiet({ signal, note }: Running): Promise<unknown> {
  note("silent started");
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  note("silent cancelled");
  return { content: [] };
}

async function runTool(name: string, args: unknown, running: Running): Promise<unknown> {
  switch (name) {
    case "order":
      return { content: [{ type: "text", text: JSON.stringify(args) }] };
    case "picture":
      return {
        content: [
          { type: "text", text: "a picture" },
          { type: "image", mimeType: "image/png", data: png },
          { type: "audio", mimeType: "audio/wav", data: "AAAA" },
        ],
      };
    case "fail":
      return { content: [{ type: "text", text: "it went wrong" }], isError: true };
    case "hostile":
      return { content: [{ type: "text", text: esc }] };
    case "chatty":
      return chat(running);
    case "silent":
      return stayQuiet(running);
    default:
      throw new McpError(ErrorCode.InvalidParams, "no such tool");
  }
}

const resources = [
  { uri: "test://text", name: "text", description: "A text.", mimeType: "text/plain", size: 5 },
  { uri: "test://bytes", name: "bytes", mimeType: "image/png" },
];
const resourceTemplates = [{ uriTemplate: "test://city/{city}", name: "city", description: "A city." }];
const prompts = [
  {
    name: "greeting",
    description: "Greets.",
    arguments: [{ name: "who", description: "Whom to greet.", required: true }, { name: "city" }],
  },
];

function readResource(uri: string, notFound: number): unknown {
  if (uri === "test://text") return { contents: [{ uri, mimeType: "text/plain", text: "hello" }] };
  if (uri === "test://bytes") return { contents: [{ uri, mimeType: "image/png", blob: png }] };
  throw new McpError(notFound, "no such resource");
}

function getPrompt(args: Readonly<Record<string, string>> = {}): unknown {
  const text = `Hello ${args["who"]} in ${args["city"] ?? "town"}`;
  return { description: "Greets.", messages: [{ role: "user", content: { type: "text", text } }] };
}

function suggest(value: string, known: Readonly<Record<string, string>> = {}): unknown {
  const all = ["Paris", "Parma", "Porto"].map((city) =>
    known["who"] ? `${city} for ${known["who"]}` : city,
  );
  const values = all.filter((city) => city.startsWith(value));
  return { completion: { values, total: values.length, hasMore: false } };
}

const info = { name: "full", version: "1.2.3" };
const capabilities = { tools: {}, resources: {}, prompts: {}, completions: {} };
/** The SDKs' types want more than is said here. */
type Answer = never;

/** For MCP 2026-07-28; the SDK's stdio entry serves the older revisions with it, too. */
export function bindFullModern(note: (text: string) => void): ModernServer {
  const server = new ModernServer(info, { capabilities });
  server.setRequestHandler("tools/list", async () => ({ tools }) as Answer);
  server.setRequestHandler("tools/call", async ({ params }, { mcpReq }) => {
    const progressToken = params["_meta"]?.progressToken;
    const report: Running["report"] = async (progress, total, message) => {
      if (progressToken === undefined) return;
      const update = { progressToken, progress, total, message };
      await mcpReq.notify({ method: "notifications/progress", params: update });
    };
    return (await runTool(params.name, params.arguments, { signal: mcpReq.signal, report, note })) as Answer;
  });
  server.setRequestHandler("resources/list", async () => ({ resources }) as Answer);
  server.setRequestHandler("resources/templates/list", async () => ({ resourceTemplates }) as Answer);
  server.setRequestHandler(
    "resources/read",
    async ({ params }) => readResource(params.uri, -32602) as Answer,
  );
  server.setRequestHandler("prompts/list", async () => ({ prompts }) as Answer);
  server.setRequestHandler("prompts/get", async ({ params }) => getPrompt(params.arguments) as Answer);
  server.setRequestHandler(
    "completion/complete",
    async ({ params }) => suggest(params.argument.value, params.context?.arguments) as Answer,
  );
  return server;
}

/** For 2025-11-25 and older. */
export function bindFullLegacy(note: (text: string) => void): LegacyServer {
  const server = new LegacyServer(info, { capabilities });
  server.setRequestHandler(ListToolsRequestSchema, async () => ({ tools }) as Answer);
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal, sendNotification }) => {
    const progressToken = params["_meta"]?.progressToken;
    const report: Running["report"] = async (progress, total, message) => {
      if (progressToken === undefined) return;
      const update = { progressToken, progress, total, message };
      await sendNotification({ method: "notifications/progress", params: update });
    };
    return (await runTool(params.name, params.arguments, { signal, report, note })) as Answer;
  });
  server.setRequestHandler(ListResourcesRequestSchema, async () => ({ resources }) as Answer);
  server.setRequestHandler(ListResourceTemplatesRequestSchema, async () => ({ resourceTemplates }) as Answer);
  server.setRequestHandler(
    ReadResourceRequestSchema,
    async ({ params }) => readResource(params.uri, -32002) as Answer,
  );
  server.setRequestHandler(ListPromptsRequestSchema, async () => ({ prompts }) as Answer);
  server.setRequestHandler(
    GetPromptRequestSchema,
    async ({ params }) => getPrompt(params.arguments) as Answer,
  );
  server.setRequestHandler(
    CompleteRequestSchema,
    async ({ params }) => suggest(params.argument.value, params.context?.arguments) as Answer,
  );
  return server;
}
