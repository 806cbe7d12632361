import type { Values } from "./option.ts";
import { defineProgram } from "./program.ts";
import { checkClientId, checkHttpUrl, sharedOptions } from "./shared-options.ts";

/** How progress of a call is shown. */
export const progressModes = ["auto", "bar", "plain", "json", "none"] as const;
export type ProgressMode = (typeof progressModes)[number];

const options = {
  url: {
    kind: "text",
    flag: "url",
    hint: "URL",
    env: ["MCP_SERVER_URL"],
    folder: "confirm",
    help: "Address of the MCP server.",
    default: "http://localhost:8000/mcp",
    check: checkHttpUrl,
  },
  noAuth: {
    kind: "switch",
    flag: "no-auth",
    short: "n",
    help: "Send no token and touch no token cache.",
  },
  tenantId: sharedOptions.tenantId,
  clientId: {
    kind: "text",
    flag: "client-id",
    hint: "GUID",
    env: ["ENTRA_CLIENT_ID"],
    aliases: ["CLIENT_ID"],
    help: "Client id of the public client's app registration.",
    defaultText: "as the server names it",
    check: checkClientId,
  },
  scope: {
    kind: "text",
    flag: "scope",
    hint: "SCOPE",
    env: ["ENTRA_API_SCOPE"],
    aliases: ["API_SCOPE"],
    folder: "confirm",
    help: "Fully qualified scope, e.g. api://<api-client-id>/execute.",
    defaultText: "as the server names it",
  },
  cloud: sharedOptions.cloud,
  tokenCache: {
    kind: "text",
    flag: "token-cache",
    hint: "FILE",
    env: ["MCP_TOKEN_CACHE"],
    folder: "ignore",
    help: "Where tokens are kept, readable for you alone.",
    default: ".token_cache.json",
  },
  timeout: {
    kind: "number",
    integer: false,
    min: 0.1,
    max: 86_400,
    flag: "timeout",
    hint: "SECONDS",
    env: ["MCP_TIMEOUT"],
    help: "Seconds without any sign of life after which a call is given up.",
    default: 60,
  },
  maxTime: {
    kind: "number",
    integer: false,
    min: 0.1,
    max: 86_400,
    flag: "max-time",
    hint: "SECONDS",
    env: ["MCP_MAX_TIME"],
    help: "Seconds after which a call is given up whatever it reports.",
    default: 3600,
  },
  progress: {
    kind: "choice",
    choices: progressModes,
    flag: "progress",
    help: "How progress is shown on standard error.",
    default: "auto",
  },
  json: {
    kind: "switch",
    flag: "json",
    help: "Print results and errors as JSON.",
  },
  logLevel: sharedOptions.logLevel,
  envFile: sharedOptions.envFile,
} as const;

/** Settings of `mcp-client`. */
export type ClientSettings = Values<typeof options>;
export type ClientOptions = typeof options;

const signIn = ["tenantId", "clientId", "scope", "cloud", "tokenCache"] as const;
const connection = ["url", "noAuth", ...signIn, "timeout"] as const;
const output = ["json", "logLevel", "envFile"] as const;

/** `mcp-client`: its settings and commands. */
export const clientProgram = defineProgram({
  name: "mcp-client",
  summary: "Sign in with Microsoft Entra ID and call the tools of an MCP server.",
  options,
  defaultCommand: "run",
  commands: {
    run: {
      summary: "Sign in if needed, list the tools and call reverse_tool as a first try",
      options: [...connection, "maxTime", "progress", ...output],
      examples: [
        ["mcp-client", "Try the server on this machine."],
        ["mcp-client --no-auth", "Try a server that asks for no token."],
        ["mcp-client --url https://mcp.contoso.com/mcp login", "Sign in to a server of your own."],
        [
          "mcp-client call random_number_tool min=1 max=6",
          "Call one tool; its result is on standard output.",
        ],
      ],
    },
    login: {
      summary: "Sign in by device code and keep the tokens",
      options: ["url", ...signIn, "timeout", ...output],
      examples: [["mcp-client login", "Shows an address and a code to enter there."]],
    },
    logout: {
      summary: "Forget the tokens that are kept",
      options: ["tokenCache", ...output],
      examples: [["mcp-client logout", "The next command signs in anew."]],
    },
    whoami: {
      summary: "Show who is signed in, to which tenant, with which scopes and for how long",
      options: ["url", ...signIn, "timeout", ...output],
      examples: [["mcp-client whoami --json", "The same for scripts."]],
    },
    tools: {
      summary: "List the tools of the server, or describe one",
      positionals: [{ name: "NAME", help: "the tool to describe" }],
      options: [...connection, ...output],
      examples: [["mcp-client tools reverse_tool", "Shows its arguments and its result."]],
    },
    call: {
      summary: "Call a tool, show its progress and print its result",
      positionals: [
        { name: "TOOL", help: "the tool to call", required: true },
        {
          name: "key=value",
          help: "an argument, read by the tool's schema; key:=JSON takes JSON",
          rest: true,
        },
      ],
      options: [...connection, "maxTime", "progress", ...output],
      examples: [
        [
          'mcp-client call reverse_tool query="Hello"',
          "Progress on standard error, the result on standard output.",
        ],
        ["mcp-client call random_number_tool min=1 max=6 --json", "The result as MCP gives it."],
      ],
    },
  },
});
