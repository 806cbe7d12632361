import { checkClientId, checkHttpUrl, sharedOptions } from "./shared-options.ts";

/** How progress of a call is shown. */
export const progressModes = ["auto", "bar", "plain", "json", "none"] as const;
export type ProgressMode = (typeof progressModes)[number];

/** Settings of the programs that connect to an MCP server as a client. */
export const serverConnectionOptions = {
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
    defaultText: "none at a terminal, 900 elsewhere",
  },
  progress: {
    kind: "choice",
    choices: progressModes,
    flag: "progress",
    help: "How progress is shown on standard error.",
    default: "auto",
  },
} as const;
