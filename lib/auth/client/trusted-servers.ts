import type { Environment } from "../../config/environment.ts";
import { type ConfirmationKind, type Confirmations, createConfirmations } from "./confirmations.ts";
import { isRecord } from "./fetch-json.ts";

/** What a person confirmed once: that a token for this scope may go to this server. */
export interface TrustedServer {
  /** Origin of the MCP server. */
  readonly origin: string;
  /** Login host and tenant as one URL. */
  readonly authority: string;
  readonly scope: string;
  readonly clientId: string;
}

function parseServer(value: unknown): TrustedServer[] {
  if (!isRecord(value)) return [];
  const { origin, authority, scope, clientId } = value;
  if (typeof origin !== "string" || typeof authority !== "string") return [];
  if (typeof scope !== "string" || typeof clientId !== "string") return [];
  return [{ origin, authority, scope, clientId }];
}

/** Another authority, scope or client id is another question. */
function isSameServer(a: TrustedServer, b: TrustedServer): boolean {
  return (
    a.origin === b.origin && a.authority === b.authority && a.scope === b.scope && a.clientId === b.clientId
  );
}

const trustedServers: ConfirmationKind<TrustedServer> = {
  file: "trusted-servers.json",
  member: "servers",
  parse: parseServer,
  isSame: isSameServer,
};

function originsIn(file: string): ConfirmationKind<string> {
  return {
    file,
    member: "origins",
    parse: (value) => (typeof value === "string" ? [value] : []),
    isSame: (a, b) => a === b,
  };
}

/** Whether exactly this was confirmed. */
export function isTrusted(trusted: readonly TrustedServer[], record: TrustedServer): boolean {
  return trusted.some((other) => isSameServer(other, record));
}

/** The servers that may get a token. */
export function createTrustedServers(environment: Environment): Confirmations<TrustedServer> {
  return createConfirmations(environment, trustedServers);
}

/** Origins of model APIs named by a `./.env` that nobody named, which may read what is said and what tools answer. */
export function createTrustedModels(environment: Environment): Confirmations<string> {
  return createConfirmations(environment, originsIn("trusted-models.json"));
}

/** Origins of servers named by a `./.env` that nobody named, which get no token but what tools are called with. */
export function createTrustedOpenServers(environment: Environment): Confirmations<string> {
  return createConfirmations(environment, originsIn("trusted-open-servers.json"));
}

/** What a person confirmed once: that an entry of an `mcp.json` in the current folder may do what it says. */
export interface TrustedEntry {
  /** The file, in full. */
  readonly path: string;
  readonly name: string;
  /** SHA-256 of the entry: whoever changes it is asked again. */
  readonly digest: string;
}

function parseEntry(value: unknown): TrustedEntry[] {
  if (!isRecord(value)) return [];
  const { path, name, digest } = value;
  if (typeof path !== "string" || typeof name !== "string" || typeof digest !== "string") return [];
  return [{ path, name, digest }];
}

/** Entries of `mcp.json` files that nobody named, which start commands or take headers and variables along. */
export function createTrustedEntries(environment: Environment): Confirmations<TrustedEntry> {
  return createConfirmations(environment, {
    file: "trusted-mcp-json.json",
    member: "entries",
    parse: parseEntry,
    isSame: (a, b) => a.path === b.path && a.name === b.name && a.digest === b.digest,
  });
}
