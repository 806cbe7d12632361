import { type Reply, startOpenAiServer } from "../agent/openai-server.ts";
import { startFullServer } from "./full-servers.ts";
import { type ProgramOptions, startInTerminal } from "./program.ts";
import { recordSecrets } from "./recorder.ts";

/** What an agent is started with beside its servers. */
export interface AgentSessionOptions extends ProgramOptions {
  readonly columns?: number;
  readonly eras?: "modern" | "legacy";
  /** In place of the server that offers everything. */
  readonly url?: string;
}

/** `mcp-agent` on a pseudo terminal, between a server with everything and a model that gives the replies. */
export async function startAgent(replies: readonly Reply[], options: AgentSessionOptions = {}) {
  const { args = [], env = {}, eras = "modern" } = options;
  const server = startFullServer(eras);
  const model = startOpenAiServer(...replies);
  const key = `sk-test-${crypto.randomUUID()}`;
  recordSecrets([key]);
  const agent = startInTerminal("mcp-agent", {
    ...options,
    args: ["-n", "--url", options.url ?? server.url, "--base-url", model.url, "--model", "m", ...args],
    // Without colour: rows are then as they read.
    env: { OPENAI_API_KEY: key, NO_COLOR: "1", ...env },
  });
  return {
    server,
    model,
    agent,
    /** What the model was told about the calls, in the latest request. */
    results: () =>
      model.messages().flatMap(({ role, content }) => (role === "tool" ? [JSON.stringify(content)] : [])),
    /** What the person said, in the latest request. */
    prompts: () =>
      model.messages().flatMap(({ role, content }) => (role === "user" ? [JSON.stringify(content)] : [])),
    async [Symbol.asyncDispose]() {
      await agent[Symbol.asyncDispose]();
      await model[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}
