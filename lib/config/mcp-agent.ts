import { agentModelOptionNames, agentModelOptions } from "./agent-model-options.ts";
import { approvalOptions } from "./approval-options.ts";
import { networkOptions } from "./network-options.ts";
import { defineProgram } from "./program.ts";
import { serverConnectionOptions } from "./server-connection-options.ts";
import { sharedOptions } from "./shared-options.ts";
import { defineConfigCommand, jsonOption } from "./show-settings.ts";
import { sessionOptionNames, sessionOptions } from "./session-options.ts";
import { signInOptions } from "./sign-in-options.ts";

const options = {
  prompt: {
    kind: "text",
    flag: "prompt",
    short: "p",
    hint: "TEXT",
    help: "Run one turn with this prompt and end. @FILE reads it from a file, - from standard input; what is piped in besides stands below it.",
  },
  ...sessionOptions,
  ...agentModelOptions,
  ...approvalOptions,
  ...serverConnectionOptions,
  json: jsonOption,
  account: signInOptions.account,
  ...networkOptions,
  logLevel: sharedOptions.logLevel,
  envFile: sharedOptions.envFile,
} as const;

/** The schema of the program's settings. */
export type AgentOptions = typeof options;

/** `mcp-agent`: its settings and commands. */
export const agentProgram = defineProgram({
  name: "mcp-agent",
  summary: "Let a model use the tools of an MCP server, and watch every call.",
  options,
  defaultCommand: "chat",
  commands: {
    chat: {
      summary: "Let a model use the tools of an MCP server, and watch every call.",
      options: [
        "prompt",
        ...sessionOptionNames,
        ...agentModelOptionNames,
        "allow",
        "deny",
        "url",
        "noAuth",
        "tenantId",
        "clientId",
        "scope",
        "cloud",
        "account",
        "tokenCache",
        "timeout",
        "maxTime",
        "progress",
        "caCert",
        "logLevel",
        "envFile",
      ],
      examples: [
        ["mcp-agent --model gpt-5-mini", "Talk to a model of OpenAI; the key is in OPENAI_API_KEY."],
        [
          "mcp-agent --base-url http://localhost:11434/v1 --model qwen3",
          "The same with Ollama on this machine.",
        ],
        [
          "mcp-agent --base-url URL --model DEPLOYMENT --model-auth entra",
          "The same with Azure OpenAI, by Entra sign-in in place of a key.",
        ],
        ['mcp-agent --model scripted -p "reverse hello and reverse world"', "Try it without any model."],
      ],
    },
    sessions: {
      summary: "List the sessions that can go on: id, turns, server and first prompt, the newest first",
      options: ["json", "logLevel"],
      examples: [["mcp-agent sessions", "Then go on with one: mcp-agent --resume ID."]],
    },
    schema: {
      summary: "Print the JSON Schemas of what --output json and --output ndjson print",
      options: [],
      examples: [
        ["mcp-agent schema > mcp-agent.schema.json", "Check lines against it, or make types of it."],
      ],
    },
    config: defineConfigCommand("mcp-agent", options),
  },
});
