import type { AgentEvent } from "../../lib/base/events.ts";
import type { Log } from "../../lib/base/log.ts";
import { type ConversationOptions, startConversation } from "../../lib/agent/conversation.ts";
import { openModel } from "../../lib/agent/open-model.ts";
import type { Tool } from "../../lib/tools/tool.ts";
import { connect } from "../../lib/transport/client/connect.ts";
import { startServer } from "../transport-server/start-server.ts";
import { type Reply, startOpenAiServer } from "./openai-server.ts";

/** The key of all tests; it must come up in nothing that the agent says. */
export const apiKey = "sk-test-9f8e7d6c5b4a39281706";

/** Collects events and lets a test wait for one. */
export function createEventLog() {
  const events: AgentEvent[] = [];
  const watchers = new Set<() => void>();
  return {
    events,
    emit: (event: AgentEvent) => {
      events.push(event);
      for (const watch of watchers) watch();
    },
    /** Resolves with the first event that fits, also one of the past. */
    async waitFor(fits: (event: AgentEvent) => boolean): Promise<AgentEvent> {
      const { promise, resolve } = Promise.withResolvers<AgentEvent>();
      const watch = () => {
        const found = events.find(fits);
        if (found) resolve(found);
      };
      watchers.add(watch);
      watch();
      return promise.finally(() => watchers.delete(watch));
    },
    /** The texts of the answers so far. */
    text: () => events.map((event) => (event.type === "text_delta" ? event.text : "")).join(""),
    ofType: <Type extends AgentEvent["type"]>(type: Type) =>
      events.filter((event): event is Extract<AgentEvent, { type: Type }> => event.type === type),
  };
}

/** A log that keeps its lines. */
export function createLineLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const add = (line: string) => void lines.push(line);
  return { lines, error: add, warn: add, info: add, debug: add };
}

/** A conversation: a model server that gives the replies, a real MCP server of the tools, and the agent between. */
export async function startTalk(
  tools: readonly Tool[],
  replies: readonly Reply[],
  options: Partial<ConversationOptions> = {},
) {
  const modelServer = startOpenAiServer(...replies);
  const toolServer = startServer(tools, undefined);
  const connection = await connect({ url: toolServer.url });
  const log = createEventLog();
  const lines = createLineLog();
  const conversation = await startConversation({
    model: openModel({ model: "test-model", baseUrl: modelServer.url, apiKey }),
    connection,
    emit: log.emit,
    log: lines,
    ...options,
  });
  return {
    ...log,
    lines: lines.lines,
    modelServer,
    connection,
    conversation,
    runTurn: conversation.runTurn,
    async [Symbol.asyncDispose]() {
      await connection.close();
      await toolServer[Symbol.asyncDispose]();
      await modelServer[Symbol.asyncDispose]();
    },
  };
}
