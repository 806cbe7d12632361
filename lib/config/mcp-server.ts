import { quote } from "../base/text.ts";
import { limitOptionNames, limitOptions } from "./limit-options.ts";
import type { Values } from "./option.ts";
import { defineProgram } from "./program.ts";
import { checkHttpUrl, sharedOptions } from "./shared-options.ts";
import { defineConfigCommand, jsonOption } from "./show-settings.ts";
import { tlsOptionNames, tlsOptions } from "./tls-options.ts";
import { tokenOptionNames, tokenOptions } from "./token-options.ts";
import { checkOrigin, webOptionNames, webOptions } from "./web-options.ts";

function checkPublicUrl(text: string): string | undefined {
  const problem = checkHttpUrl(text);
  if (problem !== undefined) return problem;
  return /[?#]/.test(text) ? `takes a URL without query and fragment, not ${quote(text)}.` : undefined;
}

function checkHostName(text: string): string | undefined {
  // A pattern would be a name like any other, and never match.
  const isExact = !text.includes("*");
  if (isExact && URL.parse(`http://${text}`)?.hostname === text.toLowerCase()) return undefined;
  return `takes host names like mcp.contoso.com, without scheme, port and path, not ${quote(text)}.`;
}

const options = {
  host: {
    kind: "text",
    flag: "host",
    hint: "ADDRESS",
    env: ["MCP_HOST"],
    help: "Address to listen on.",
    defaultText: "0.0.0.0; with --no-auth or --dev 127.0.0.1",
  },
  port: {
    kind: "number",
    integer: true,
    min: 0,
    max: 65535,
    flag: "port",
    hint: "PORT",
    env: ["MCP_PORT"],
    help: "Port to listen on; 0 takes a free one.",
    default: 8000,
  },
  publicUrl: {
    kind: "text",
    flag: "public-url",
    hint: "URL",
    env: ["MCP_PUBLIC_URL"],
    help: "Address of /mcp as callers reach it, e.g. https://mcp.contoso.com/mcp.",
    defaultText: "http://localhost:PORT/mcp",
    check: checkPublicUrl,
  },
  ...tokenOptions,
  allowedHosts: {
    kind: "list",
    flag: "allowed-hosts",
    hint: "HOST,...",
    env: ["MCP_ALLOWED_HOSTS"],
    help: "Further host names, without port, under which requests are answered.",
    defaultText: "loopback names and the public URL's host",
    check: checkHostName,
  },
  allowedOrigins: {
    kind: "list",
    flag: "allowed-origins",
    hint: "ORIGIN,...",
    env: ["MCP_ALLOWED_ORIGINS"],
    help: "Further web origins, e.g. https://app.contoso.com, whose pages may send requests.",
    defaultText: "loopback names, the public URL's origin and the server's own pages",
    check: checkOrigin,
  },
  ...webOptions,
  reverseSeconds: {
    kind: "number",
    integer: false,
    min: 0,
    max: 60,
    flag: "reverse-seconds",
    hint: "SECONDS",
    env: ["MCP_REVERSE_SECONDS"],
    help: "How long reverse_tool takes, 0 to 60 seconds, in five steps.",
    default: 5,
  },
  stdio: {
    kind: "switch",
    flag: "stdio",
    help: "Serve the program that started this one on standard input and output, without HTTP and tokens.",
  },
  ...tlsOptions,
  ...limitOptions,
  noAuth: {
    kind: "switch",
    flag: "no-auth",
    short: "n",
    help: "Let everybody in, without tokens.",
  },
  allowUnauthenticatedNetwork: {
    kind: "switch",
    flag: "allow-unauthenticated-network",
    help: "Permit --no-auth on an address beyond loopback.",
  },
  dev: {
    kind: "switch",
    flag: "dev",
    help: "Start a local look-alike of Entra beside the server and accept its tokens. Loopback only.",
  },
  devControlKey: {
    kind: "text",
    env: ["MCP_DEV_CONTROL_KEY"],
    secret: true,
    folder: "ignore",
    help: "With --dev: opens the dev tenant's control endpoints (faults, counts) to this bearer key, for tests.",
  },
  json: jsonOption,
  logLevel: sharedOptions.logLevel,
  envFile: sharedOptions.envFile,
} as const;

/** Settings of `mcp-server`. */
export type ServerSettings = Values<typeof options>;
export type ServerOptions = typeof options;

/** `mcp-server`: its settings and commands. */
export const serverProgram = defineProgram({
  name: "mcp-server",
  summary: "Serve MCP tools over Streamable HTTP to callers with a valid Microsoft Entra access token.",
  options,
  defaultCommand: "serve",
  commands: {
    serve: {
      summary: "Serve MCP tools over Streamable HTTP to callers with a valid Microsoft Entra access token.",
      options: [
        ...tokenOptionNames,
        "host",
        "port",
        "publicUrl",
        "allowedHosts",
        "allowedOrigins",
        ...webOptionNames,
        "reverseSeconds",
        "stdio",
        ...tlsOptionNames,
        ...limitOptionNames,
        "noAuth",
        "allowUnauthenticatedNetwork",
        "dev",
        "devControlKey",
        "logLevel",
        "envFile",
      ],
      examples: [
        ["mcp-server --dev", "Try everything without an Azure account."],
        ["mcp-server --tenant-id GUID --api-client-id GUID", "Protect the tools with your tenant."],
        ["mcp-server --no-auth", "Serve on this machine without tokens."],
        ["mcp-server --stdio", "Serve a local host that starts this program by itself."],
      ],
    },
    config: defineConfigCommand("mcp-server", options),
  },
});
