import { checkClientIdBySource, oauthOptions } from "./oauth-options.ts";
import { machineOptions } from "./machine-options.ts";
import { networkOptions } from "./network-options.ts";
import { defineProgram } from "./program.ts";
import { serverConnectionOptions } from "./server-connection-options.ts";
import { sharedOptions } from "./shared-options.ts";
import { signInOptions } from "./sign-in-options.ts";

const options = {
  ...serverConnectionOptions,
  clientId: { ...serverConnectionOptions.clientId, hint: "ID", check: checkClientIdBySource },
  ...signInOptions,
  ...machineOptions,
  ...oauthOptions,
  all: {
    kind: "switch",
    flag: "all",
    help: "Call every tool, also those that may change things.",
  },
  calls: {
    kind: "text",
    flag: "calls",
    hint: "FILE",
    help: 'JSON file of calls that take the place of made-up ones: [{"name": "TOOL", "arguments": {}}].',
  },
  json: {
    kind: "switch",
    flag: "json",
    help: "Print results and errors as JSON.",
  },
  ...networkOptions,
  logLevel: sharedOptions.logLevel,
  envFile: sharedOptions.envFile,
} as const;

/** The schema of the program's settings. */
export type ClientOptions = typeof options;

const oauth = [
  "oauthClientId",
  "oauthScope",
  "clientSecret",
  "clientSecretFile",
  "clientMetadataUrl",
  "issuer",
  "redirectPort",
] as const;
const machine = ["entraClientSecret", "clientCertificate", "federatedTokenFile", "managedIdentity"] as const;
const signIn = [
  "auth",
  "login",
  "account",
  "tenantId",
  "clientId",
  "scope",
  "cloud",
  "tokenCache",
  ...machine,
  ...oauth,
] as const;
const connection = ["url", "noAuth", ...signIn, "timeout"] as const;
const output = ["json", "caCert", "logLevel", "envFile"] as const;

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
      summary: "Sign in, by device code or in a browser, and keep the tokens",
      options: ["url", ...signIn, "timeout", ...output],
      examples: [
        ["mcp-client login", "Shows an address and a code to enter there."],
        ["mcp-client login --login browser", "Opens a browser on this machine."],
        [
          "mcp-client login --auth oauth --url https://mcp.example.com/mcp",
          "Signs in with the authorization server that this server names.",
        ],
      ],
    },
    logout: {
      summary: "Forget the tokens that are kept",
      options: ["url", "auth", "account", "tokenCache", ...output],
      examples: [
        ["mcp-client logout", "Then somebody has to sign in again."],
        ["mcp-client logout --account ada@contoso.com", "Forget one of several accounts."],
      ],
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
    exercise: {
      summary: "Test a server: list everything, call the tools that only read, read resources, get prompts",
      details:
        "Arguments are made from the schemas: required ones only, by const, default, examples, enum and bounds. " +
        "What the server asks for is answered: forms with their defaults, sampling with a fixed text, roots with " +
        "none. Errors do not end it, unless nothing more can be got; the exit code is that of the first one, or 5 " +
        "where only tools reported errors.",
      options: ["all", "calls", ...connection, "maxTime", ...output],
      examples: [
        ["mcp-client exercise --no-auth --url http://localhost:3000/mcp", "Try what does no harm."],
        ["mcp-client exercise --all --json", "Call every tool; the report as one JSON document."],
      ],
    },
  },
});
