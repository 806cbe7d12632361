import { quote } from "../base/text.ts";
import { limitOptionNames, limitOptions } from "./limit-options.ts";
import type { Values } from "./option.ts";
import { defineProgram } from "./program.ts";
import { checkHttpUrl, sharedOptions } from "./shared-options.ts";
import { diagnosisOptions } from "./diagnosis-options.ts";
import { setupOptionNames, setupOptions } from "./setup-options.ts";
import { defineConfigCommand } from "./show-settings.ts";
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
  ...setupOptions,
  ...diagnosisOptions,
  json: {
    kind: "switch",
    flag: "json",
    help: "Print results and errors as JSON.",
  },
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
    setup: {
      summary: "Make or mend the app registrations of server and client in Entra, with the Azure CLI",
      details:
        "Looks first, then shows what is missing: the API with its App ID URI, scope and token version 2.0; the public " +
        "client with its redirect URIs and permission; pre-authorised clients. Nothing is changed without --apply, and " +
        "nothing is ever taken away. Afterwards the settings of server and client are written to a file. Of a ./.env that " +
        "nobody named, nothing is used.",
      positionals: [{ name: "entra", help: "the word entra", required: true, completion: ["entra"] }],
      options: [
        ...setupOptionNames,
        "publicUrl",
        "tenantId",
        "apiClientId",
        "clientId",
        "cloud",
        "json",
        "envFile",
      ],
      examples: [
        ["mcp-server setup entra --public-url https://mcp.contoso.com/mcp", "Show what is missing."],
        ["mcp-server setup entra --public-url https://mcp.contoso.com/mcp --apply", "Do it, and write .env."],
        ["mcp-server setup entra --print > setup.sh", "The same as az commands, for somebody who may."],
      ],
    },
    doctor: {
      summary: "Find out what is wrong with the configuration, and what to do about it",
      details:
        "Checks settings, files, port, tenant, signing keys, clock, audience, the registration as far as it can be seen " +
        "from outside, the public URL and its metadata, one row each. It goes on after a failure where it can, signs " +
        "nobody in, and ends with the exit code of the first failure.",
      options: [
        ...tokenOptionNames,
        "host",
        "port",
        "publicUrl",
        "allowedHosts",
        "allowedOrigins",
        ...tlsOptionNames,
        "noAuth",
        "allowUnauthenticatedNetwork",
        "json",
        "envFile",
      ],
      examples: [
        ["mcp-server doctor", "With the settings of the server, before or while it runs."],
        [
          "mcp-server doctor --env-file /etc/mcp-entra/server.env --json",
          "One document, with ids that stay.",
        ],
      ],
    },
    "explain-token": {
      summary: "Explain why a token would be let in or not, rule by rule",
      details:
        "Judges an access token by the settings of the server, and shows neither the token nor its signature. Where the " +
        "signing keys cannot be had, or with --offline, the signature is not checked.",
      positionals: [
        { name: "FILE", help: "the file with the token; - or nothing: standard input", rest: true },
      ],
      options: [...tokenOptionNames, "offline", "publicUrl", "dev", "json", "envFile"],
      examples: [
        ["mcp-server explain-token token.txt", "One row a rule; the last one is the verdict."],
        ["mcp-client token | mcp-server explain-token", "The token that the client would send."],
        ["mcp-server explain-token --dev token.txt", "A token of the dev tenant of mcp-server --dev."],
      ],
    },
    config: defineConfigCommand("mcp-server", options),
  },
});
