import { approvalOptions } from "./approval-options.ts";
import { networkOptions } from "./network-options.ts";
import { defineProgram } from "./program.ts";
import { serverConnectionOptions } from "./server-connection-options.ts";
import { checkHttpUrl, sharedOptions } from "./shared-options.ts";
import { defineConfigCommand, jsonOption } from "./show-settings.ts";
import { signInOptions } from "./sign-in-options.ts";

const options = {
  prompt: {
    kind: "text",
    flag: "prompt",
    short: "p",
    hint: "TEXT",
    help: "Run one turn with this prompt and end.",
  },
  model: {
    kind: "text",
    flag: "model",
    hint: "NAME",
    env: ["OPENAI_MODEL"],
    help: 'Model to use. "scripted" is a small script for demos that needs no key and no network.',
  },
  baseUrl: {
    kind: "text",
    flag: "base-url",
    hint: "URL",
    env: ["OPENAI_BASE_URL"],
    folder: "confirm",
    help: "Address of an OpenAI-compatible API, e.g. http://localhost:11434/v1.",
    defaultText: "https://api.openai.com/v1",
    check: checkHttpUrl,
  },
  apiKey: {
    kind: "text",
    env: ["OPENAI_API_KEY"],
    secret: true,
    help: "API key of the model; may be missing where the base URL needs none.",
  },
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
        "model",
        "baseUrl",
        "apiKey",
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
        ['mcp-agent --model scripted -p "reverse hello and reverse world"', "Try it without any model."],
      ],
    },
    config: defineConfigCommand(options),
  },
});
