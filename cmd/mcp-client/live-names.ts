import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { checkTokenDestination } from "../../lib/auth/client/destination.ts";
import { readPrivateFile, writePrivateFile } from "../../lib/auth/client/private-file.ts";
import { type Abortable, limitTime } from "../../lib/base/abort.ts";
import { neutraliseLine } from "../../lib/base/text.ts";
import { findCacheFolder } from "../../lib/config/config-folder.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import { readAuthMode } from "../../lib/config/oauth-settings.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { type AccessTokens, connect, type FullConnection } from "../../lib/transport/client/connect.ts";
import { isRecord } from "./schema-reference.ts";

/** How long the names of a server are used again. */
const freshMs = 60_000;
/** Nobody waits longer for a Tab. */
const limitMs = 2000;
/** A token that ends sooner would be renewed. */
const tokenMarginSeconds = 330;
const maxFileBytes = 1024 * 1024;
const maxNames = 500;

/** What is known about a server's names. */
export interface ServerNames {
  readonly tools: readonly NamedArguments[];
  readonly prompts: readonly NamedArguments[];
  readonly resources: readonly { readonly name: string; readonly help: string }[];
}

/** A tool or a prompt. */
export interface NamedArguments {
  readonly name: string;
  readonly help: string;
  readonly args: readonly {
    readonly name: string;
    readonly help: string;
    readonly choices: readonly string[];
  }[];
}

type ClientContext = Context<ClientOptions>;

function firstLine(text: unknown): string {
  return typeof text === "string" ? neutraliseLine(text.split("\n", 1)[0] ?? "").slice(0, 100) : "";
}

function argumentsOf({ properties }: Readonly<Record<string, unknown>>): NamedArguments["args"] {
  return Object.entries(isRecord(properties) ? properties : {}).map(([name, schema]) => {
    const { description, enum: choices, type } = isRecord(schema) ? schema : {};
    const listed = Array.isArray(choices) ? choices.filter((choice) => typeof choice === "string") : [];
    return { name, help: firstLine(description), choices: type === "boolean" ? ["true", "false"] : listed };
  });
}

async function askServer(connection: FullConnection, options: Abortable): Promise<ServerNames> {
  const tools = await connection.listTools(options);
  const prompts = await connection.listPrompts(options);
  const resources = await connection.listResources(options);
  return {
    tools: tools.slice(0, maxNames).map(({ name, description, inputSchema }) => ({
      name,
      help: firstLine(description),
      args: argumentsOf(inputSchema),
    })),
    prompts: prompts.slice(0, maxNames).map((prompt) => ({
      name: prompt.name,
      help: firstLine(prompt.description),
      args: prompt.arguments.map(({ name, description }) => ({
        name,
        help: firstLine(description),
        choices: [],
      })),
    })),
    resources: resources.slice(0, maxNames).map(({ uri, name }) => ({ name: uri, help: firstLine(name) })),
  };
}

/** A token that is there and good; none is renewed, and nobody is asked. */
async function openQuietTokens(
  context: ClientContext,
  signal: AbortSignal,
): Promise<AccessTokens | "none" | undefined> {
  const { chosen } = context;
  if (chosen?.kind === "http" && chosen.headers.authorization !== undefined) return "none";
  const mode = readAuthMode(context);
  if (mode === "none") return context.origins.url.kind === "folder" ? undefined : "none";
  if (mode === "oauth") return undefined;
  const { openTokens } = await import("./open-tokens.ts");
  const tokens = await openTokens(context, { mayPrompt: false, signal });
  const account = await tokens.readAccount();
  if (!account || account.expiresAtSeconds < Date.now() / 1000 + tokenMarginSeconds) return undefined;
  return {
    getToken: async (request = {}) => (request.rejected === undefined ? tokens.getToken(request) : undefined),
  };
}

function findCacheFile({ values, io, chosen }: ClientContext): { folder: string; path: string } | undefined {
  const base = findCacheFolder(io.environment);
  if (base === undefined) return undefined;
  const { url, auth, noAuth, tenantId, clientId, scope, tokenCache } = values;
  const identity = [url, auth, noAuth, tenantId, clientId, scope, resolve(io.folder, tokenCache), chosen];
  const key = createHash("sha256").update(JSON.stringify(identity)).digest("hex");
  const folder = join(base, "completion");
  return { folder, path: join(folder, `${key}.json`) };
}

async function readCached(path: string, nowMs: number): Promise<ServerNames | undefined> {
  const file = await readPrivateFile(path, maxFileBytes);
  const parsed: unknown = file.kind === "read" ? JSON.parse(file.text) : undefined;
  if (!isRecord(parsed) || typeof parsed["savedAtMs"] !== "number") return undefined;
  const ageMs = nowMs - parsed["savedAtMs"];
  // Nobody but us writes it: it is ours alone, else it would not have been read.
  return ageMs >= 0 && ageMs < freshMs ? (parsed["names"] as ServerNames) : undefined;
}

/**
 * The names that a server has to offer, at most a minute old. Asks nobody, renews no token, starts no command.
 *
 * @throws whatever goes wrong; who completes a line stays silent about it
 */
export async function findLiveNames(context: ClientContext): Promise<ServerNames | undefined> {
  const { chosen, values } = context;
  if (chosen?.kind === "command") return undefined;
  const cache = findCacheFile(context);
  const known = cache && (await readCached(cache.path, Date.now()).catch(() => undefined));
  if (known) return known;
  const signal = limitTime(limitMs);
  const tokens = await openQuietTokens(context, signal);
  if (tokens === undefined) return undefined;
  if (chosen?.hasSecrets === true) checkTokenDestination(values.url);
  const connection = await connect({
    url: values.url,
    tokens: tokens === "none" ? undefined : tokens,
    headers: chosen?.headers,
    idleTimeoutMs: limitMs,
    signal,
  });
  try {
    const names = await askServer(connection, { signal });
    if (cache) {
      await mkdir(cache.folder, { recursive: true, mode: 0o700 });
      await writePrivateFile(cache.path, JSON.stringify({ savedAtMs: Date.now(), names }));
    }
    return names;
  } finally {
    await connection.close();
  }
}
