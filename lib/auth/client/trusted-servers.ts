import { mkdir } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import type { Abortable } from "../../base/abort.ts";
import { AppError } from "../../base/errors.ts";
import { quote } from "../../base/text.ts";
import type { Environment } from "../../config/environment.ts";
import { isRecord } from "./fetch-json.ts";
import { takeFileLock } from "./file-lock.ts";
import { readPrivateFile, writePrivateFile } from "./private-file.ts";

const maxBytes = 1024 * 1024;
const maxRecords = 200;

/** What a person confirmed once: that a token for this scope may go to this server. */
export interface TrustedServer {
  /** Origin of the MCP server. */
  readonly origin: string;
  /** Login host and tenant as one URL. */
  readonly authority: string;
  readonly scope: string;
  readonly clientId: string;
}

/** The remembered confirmations. */
export interface TrustedServers {
  /** Never throws: what cannot be read counts as empty, so that a person is asked again. */
  list(): Promise<readonly TrustedServer[]>;
  /**
   * Remembers a confirmation. False when there is nowhere to keep it (no home folder).
   *
   * @throws `cache_unusable` when the file cannot be written
   */
  remember(record: TrustedServer, options?: Abortable): Promise<boolean>;
}

/**
 * Where the file is: below `$XDG_CONFIG_HOME`, else `$HOME/.config`, on Windows `%APPDATA%`. Relative
 * paths are ignored: the current folder must not bring confirmations along.
 */
export function findTrustedServersFile(
  environment: Environment,
  platform = process.platform,
): string | undefined {
  const home = environment["HOME"];
  const folder =
    platform === "win32"
      ? environment["APPDATA"]
      : (absoluteOrNothing(environment["XDG_CONFIG_HOME"]) ?? (home && join(home, ".config")));
  const base = absoluteOrNothing(folder);
  return base === undefined ? undefined : join(base, "mcp-entra", "trusted-servers.json");
}

function absoluteOrNothing(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}

function parseRecord(value: unknown): TrustedServer[] {
  if (!isRecord(value)) return [];
  const { origin, authority, scope, clientId } = value;
  if (typeof origin !== "string" || typeof authority !== "string") return [];
  if (typeof scope !== "string" || typeof clientId !== "string") return [];
  return [{ origin, authority, scope, clientId }];
}

async function readRecords(path: string): Promise<readonly TrustedServer[]> {
  try {
    const file = await readPrivateFile(path, maxBytes);
    const parsed: unknown = file.kind === "read" ? JSON.parse(file.text) : undefined;
    return isRecord(parsed) && Array.isArray(parsed["servers"]) ? parsed["servers"].flatMap(parseRecord) : [];
  } catch {
    return [];
  }
}

async function addRecord(path: string, record: TrustedServer, options: Abortable): Promise<void> {
  await mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
  const lock = await takeFileLock(`${path}.lock`, options);
  try {
    const others = (await readRecords(path)).filter((other) => !isTrusted([record], other));
    const servers = [...others, record].slice(-maxRecords);
    await writePrivateFile(path, `${JSON.stringify({ servers }, null, 2)}\n`);
  } finally {
    await lock.release();
  }
}

function createUnwritableError(path: string, cause: unknown): AppError {
  return new AppError("cache_unusable", `The confirmation cannot be kept in ${quote(path, 200)}.`, {
    hint: "Check that you may write there; until then you are asked every time.",
    cause,
  });
}

/** Whether exactly this was confirmed: another authority, scope or client id is another question. */
export function isTrusted(trusted: readonly TrustedServer[], record: TrustedServer): boolean {
  return trusted.some(
    (other) =>
      other.origin === record.origin &&
      other.authority === record.authority &&
      other.scope === record.scope &&
      other.clientId === record.clientId,
  );
}

/** Opens the remembered confirmations in the user's config folder: mode 0600, its folder 0700. */
export function createTrustedServers(environment: Environment): TrustedServers {
  const path = findTrustedServersFile(environment);
  return {
    list: async () => (path === undefined ? [] : readRecords(path)),
    remember: async (record, options = {}) => {
      if (path === undefined) return false;
      try {
        await addRecord(path, record, options);
      } catch (error) {
        if (options.signal?.aborted) throw options.signal.reason;
        throw createUnwritableError(path, error);
      }
      return true;
    },
  };
}
