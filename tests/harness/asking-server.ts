import {
  acceptedContent,
  inputRequired,
  inputResponse,
  Server as ModernServer,
} from "@modelcontextprotocol/server";
import { Server as LegacyServer } from "@modelcontextprotocol/sdk/server/index.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import { startSdkServer } from "../transport-client/sdk-server.ts";

/*
 * A server whose tools ask the person in the middle of a call: `form_tool` for a form, `visit_tool` for a visit.
 */

const info = { name: "asking", version: "1" };
const tools = ["form_tool", "visit_tool"].map((name) => ({
  name,
  description: `Runs ${name}.`,
  inputSchema: { type: "object" as const },
  annotations: { readOnlyHint: true },
}));
const person = z.object({ name: z.string().min(2), age: z.int().min(18).default(30) });
const message = "Who are you?";
const visit = { message: "Please pay.", url: "https://pay.example/order?id=1" };
const say = (text: string) => ({ content: [{ type: "text" as const, text }] });
/** The SDKs' types want more than is said here. */
type Answer = never;

function bindModern(): ModernServer {
  const server = new ModernServer(info, { capabilities: { tools: {} } });
  server.setRequestHandler("tools/list", async () => ({ tools }) as Answer);
  server.setRequestHandler("tools/call", async ({ params }, { mcpReq }) => {
    const responses = mcpReq.inputResponses;
    const answer = inputResponse(responses, "asked");
    if (answer.kind === "elicit" && answer.action !== "accept")
      return say(`It said ${answer.action}.`) as Answer;
    if (params.name === "visit_tool") {
      if (answer.kind === "elicit") return say("It will be visited.") as Answer;
      return inputRequired({ inputRequests: { asked: inputRequired.elicitUrl(visit) } }) as Answer;
    }
    const content = acceptedContent(responses, "asked", person);
    if (content) return say(`It is ${JSON.stringify(content)}.`) as Answer;
    return inputRequired({
      inputRequests: { asked: inputRequired.elicit({ message, requestedSchema: person }) },
    }) as Answer;
  });
  return server;
}

function bindLegacy(): LegacyServer {
  const server = new LegacyServer(info, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, async () => ({ tools }) as Answer);
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { requestId }) => {
    const options = { relatedRequestId: requestId };
    const requestedSchema = z.toJSONSchema(person) as Answer;
    const { action, content } =
      params.name === "visit_tool"
        ? await server.elicitInput({ mode: "url", elicitationId: "1", ...visit }, options)
        : await server.elicitInput({ message, requestedSchema }, options);
    if (action !== "accept") return say(`It said ${action}.`) as Answer;
    return say(content ? `It is ${JSON.stringify(content)}.` : "It will be visited.") as Answer;
  });
  return server;
}

/** Starts the server that asks. */
export function startAskingServer(eras: "modern" | "legacy") {
  return startSdkServer({ tools: [], eras, bind: { modern: bindModern, legacy: bindLegacy } });
}
