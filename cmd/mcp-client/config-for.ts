import { AppError } from "../../lib/base/errors.ts";
import { didYouMean } from "../../lib/base/nearest.ts";
import { quoteShellWord } from "../../lib/base/shell-word.ts";
import { quote, toSafeJson } from "../../lib/base/text.ts";
import { type ClientHost, clientHosts } from "../../lib/config/client-hosts.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { argumentsFor } from "./command-arguments.ts";
import { readCredentialMode } from "./open-credentials.ts";

type ClientContext = Context<ClientOptions>;

/** What a host takes. */
interface HostConfig {
  /** Where the snippet belongs. */
  readonly place: string;
  readonly snippet: object;
  /** What else must be so. */
  readonly remarks: readonly string[];
}

const places: Readonly<Record<ClientHost, string>> = {
  vscode: '.vscode/mcp.json, or that of your profile ("MCP: Open User Configuration")',
  "vscode-bridge": '.vscode/mcp.json, or that of your profile ("MCP: Open User Configuration")',
  claude:
    "claude_desktop_config.json of Claude Desktop (Settings, Developer, Edit Config), .mcp.json of Claude Code",
  cursor: "~/.cursor/mcp.json, or .cursor/mcp.json of a project",
  inspector: "a file for npx @modelcontextprotocol/inspector --config FILE --server NAME",
};

function readHost(word: string | undefined): ClientHost {
  const host = clientHosts.find((name) => name === word);
  if (host !== undefined) return host;
  const known = clientHosts.join(", ");
  if (word === undefined) throw new AppError("usage", `"config for" needs a host: ${known}.`);
  throw new AppError(
    "usage",
    `"config for" knows ${known}, not ${quote(word)}.${didYouMean(word, clientHosts)}`,
  );
}

function readName(word: string | undefined, url: string): string {
  const { hostname } = new URL(url);
  const name = word ?? /^[a-z][\w-]*/i.exec(hostname)?.[0] ?? "mcp-server";
  if (/^[\w.-]{1,64}$/.test(name)) return name;
  throw new AppError("usage", `NAME takes letters, digits and . _ -, not ${quote(name)}.`);
}

/** With one of them an application signs in as itself. */
const machineFiles = ["clientCertificate", "clientSecretFile", "federatedTokenFile"] as const;

/** An address from a file that merely lies in the folder becomes one that was configured, once it is in a snippet. */
function remarksOnAddress({ values, origins }: ClientContext): readonly string[] {
  if (origins.url.kind !== "folder") return [];
  return [
    `The address is from ${origins.url.name}, which nobody named: is ${quote(values.url)} the right one?`,
  ];
}

/** By a bridge: it signs in nobody, so somebody must have signed in before. */
function bridged(context: ClientContext, host: ClientHost, name: string): HostConfig {
  const { args, remarks } = argumentsFor("bridge", context);
  const { values } = context;
  const mode = readCredentialMode(context);
  const isMachine =
    values.managedIdentity !== undefined || machineFiles.some((key) => values[key] !== undefined);
  const needsPerson = mode === "oauth" || (mode === "entra" && !isMachine);
  const login = argumentsFor("login", context).args.map(quoteShellWord).join(" ");
  const isVscode = host === "vscode" || host === "vscode-bridge";
  const entry = { ...(isVscode && { type: "stdio" }), command: process.execPath, args };
  return {
    place: places[host],
    snippet: { [isVscode ? "servers" : "mcpServers"]: { [name]: entry } },
    remarks: [
      ...remarksOnAddress(context),
      ...remarks,
      ...(needsPerson ? [`Sign in once on a terminal, with the same settings: mcp-client ${login}`] : []),
    ],
  };
}

/** By VS Code itself, which has a client of its own at Entra, and registers or asks for one elsewhere. */
function native(context: ClientContext, name: string, mode: string): HostConfig {
  const { values, origins } = context;
  const registered = origins.clientId.kind === "flag" ? values.clientId : values.oauthClientId;
  const oauth = mode === "oauth" && registered !== undefined ? { oauth: { clientId: registered } } : {};
  const needs =
    "VS Code signs in by itself. At Entra the address must be an Application ID URI of the API and VS Code pre-authorised: " +
    'mcp-server setup entra --public-url ADDRESS does both. Otherwise: "mcp-client config for vscode-bridge".';
  return {
    place: places.vscode,
    snippet: { servers: { [name]: { type: "http", url: values.url, ...oauth } } },
    remarks: [...remarksOnAddress(context), ...(mode === "entra" ? [needs] : [])],
  };
}

function configFor(context: ClientContext, host: ClientHost, name: string): HostConfig {
  const mode = readCredentialMode(context);
  const isHttps = new URL(context.values.url).protocol === "https:";
  // Entra takes https alone as the name of an API, and VS Code sends the address as that.
  const canSignIn = mode === "oauth" || mode === "none" || (mode === "entra" && isHttps);
  if (host === "vscode" && canSignIn) return native(context, name, mode);
  return bridged(context, host, name);
}

/**
 * Prints what makes a host use the server; where it belongs is said on standard error.
 *
 * @throws `usage`, `invalid_config`
 */
export function printHostConfig(context: ClientContext): void {
  const { io, values, positionals } = context;
  if (values.server !== undefined) {
    throw new AppError("usage", '"config for" is for servers with an address: --url, not --server.');
  }
  const host = readHost(positionals[1]);
  const { place, snippet, remarks } = configFor(context, host, readName(positionals[2], values.url));
  if (values.json) {
    io.stdout.write(`${toSafeJson({ host, place, snippet, remarks })}\n`);
    return;
  }
  io.stderr.write(`For ${place}:\n`);
  io.stdout.write(`${JSON.stringify(snippet, null, 2)}\n`);
  for (const remark of remarks) io.stderr.write(`${remark}\n`);
}
