import { checkHttpUrl } from "./shared-options.ts";

/** Which model the agent talks to, how, and how much it may do in one turn. */
export const agentModelOptions = {
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
  api: {
    kind: "choice",
    choices: ["chat", "responses"],
    flag: "api",
    env: ["MCP_MODEL_API"],
    help: "API to speak: Chat Completions, or Responses, which keeps what the model thinks between steps.",
    defaultText: "responses at api.openai.com, chat elsewhere",
  },
  modelAuth: {
    kind: "choice",
    choices: ["key", "entra"],
    flag: "model-auth",
    env: ["MCP_MODEL_AUTH"],
    folder: "ignore",
    help: "Show the model's server an API key, or the Entra sign-in (Azure OpenAI only; the key is not sent).",
    default: "key",
  },
  maxSteps: {
    kind: "number",
    integer: true,
    min: 1,
    max: 1000,
    flag: "max-steps",
    hint: "N",
    env: ["MCP_MAX_STEPS"],
    help: "Answers that the model may give in one turn, those with tool calls included.",
    default: 20,
  },
  maxTools: {
    kind: "number",
    integer: true,
    min: 1,
    max: 10_000,
    flag: "max-tools",
    hint: "N",
    env: ["MCP_MAX_TOOLS"],
    help: "Tools that the model is offered at most; OpenAI takes 128. Of more, those that fit the prompt come first.",
    default: 128,
  },
} as const;

/** All of them, in the order of `--help`. */
export const agentModelOptionNames = [
  "model",
  "baseUrl",
  "apiKey",
  "api",
  "modelAuth",
  "maxSteps",
  "maxTools",
] as const;
