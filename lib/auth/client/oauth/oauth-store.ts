import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { Abortable } from "../../../base/abort.ts";
import { AppError } from "../../../base/errors.ts";
import type { Environment } from "../../../config/environment.ts";
import { findConfirmationsFile } from "../confirmations.ts";
import { isRecord } from "../fetch-json.ts";
import { takeFileLock } from "../file-lock.ts";
import { readPrivateFile, writePrivateFile } from "../private-file.ts";

/*
 * Tokens of `--auth oauth`, by the issuer that gave them and the server that they are for: in the user's config
 * folder, mode 0600, apart from Entra's cache.
 */

const maxBytes = 4 * 1024 * 1024;
const maxIssuers = 200;

/** A token and what it takes to renew it. */
export interface StoredToken {
  /** The address of the MCP server that it was got for; it is sent nowhere else. */
  readonly server: string;
  readonly clientId: string;
  readonly accessToken: string;
  readonly refreshToken?: string;
  /** As granted, or as asked for where the issuer does not say. */
  readonly scope?: string;
  /** Seconds since the Unix epoch; absent where the issuer does not say. */
  readonly expiresAtSeconds?: number;
}

/** A client that registered itself. */
export interface StoredClient {
  readonly clientId: string;
  readonly clientSecret?: string;
  /** `token_endpoint_auth_method` that it was registered with. */
  readonly authMethod?: string;
  /** It is good for this one only. */
  readonly redirectUri: string;
}

/** What one issuer gave. */
export interface IssuerRecord {
  readonly issuer: string;
  readonly client?: StoredClient;
  readonly tokens: readonly StoredToken[];
}

/** The store while other processes keep their hands off it. */
export interface LockedOAuthStore {
  read(): Promise<readonly IssuerRecord[]>;
  /** Replaces what one issuer gave. */
  write(record: IssuerRecord): Promise<void>;
  release(): Promise<void>;
}

/** Where tokens are kept. */
export interface OAuthStore {
  readonly path: string;
  /** Reads without a lock; what cannot be read or may be read by others counts as nothing. */
  read(): Promise<readonly IssuerRecord[]>;
  lock(options: Abortable): Promise<LockedOAuthStore>;
}

function textIn(value: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const text = value[key];
  return typeof text === "string" && text !== "" ? text : undefined;
}

function parseToken(value: unknown): StoredToken[] {
  if (!isRecord(value)) return [];
  const [server, clientId, accessToken] = ["server", "clientId", "accessToken"].map((key) =>
    textIn(value, key),
  );
  if (server === undefined || clientId === undefined || accessToken === undefined) return [];
  const { expiresAtSeconds } = value;
  const [refreshToken, scope] = [textIn(value, "refreshToken"), textIn(value, "scope")];
  return [
    {
      server,
      clientId,
      accessToken,
      ...(refreshToken !== undefined && { refreshToken }),
      ...(scope !== undefined && { scope }),
      ...(typeof expiresAtSeconds === "number" && { expiresAtSeconds }),
    },
  ];
}

function parseClient(value: unknown): StoredClient | undefined {
  if (!isRecord(value)) return undefined;
  const [clientId, redirectUri] = [textIn(value, "clientId"), textIn(value, "redirectUri")];
  if (clientId === undefined || redirectUri === undefined) return undefined;
  const [clientSecret, authMethod] = [textIn(value, "clientSecret"), textIn(value, "authMethod")];
  return {
    clientId,
    redirectUri,
    ...(clientSecret !== undefined && { clientSecret }),
    ...(authMethod !== undefined && { authMethod }),
  };
}

function parseRecord(value: unknown): IssuerRecord[] {
  const issuer = isRecord(value) ? textIn(value, "issuer") : undefined;
  if (!isRecord(value) || issuer === undefined) return [];
  const client = parseClient(value["client"]);
  const tokens = Array.isArray(value["tokens"]) ? value["tokens"].flatMap(parseToken) : [];
  return [{ issuer, ...(client && { client }), tokens }];
}

async function readRecords(path: string): Promise<readonly IssuerRecord[]> {
  const file = await readPrivateFile(path, maxBytes);
  if (file.kind !== "read") return [];
  try {
    const parsed: unknown = JSON.parse(file.text);
    return isRecord(parsed) && Array.isArray(parsed["issuers"]) ? parsed["issuers"].flatMap(parseRecord) : [];
  } catch {
    return [];
  }
}

/**
 * Opens the store. Touches no file yet.
 *
 * @throws `invalid_config` where there is no home folder
 */
export function openOAuthStore(environment: Environment): OAuthStore {
  const path = findConfirmationsFile(environment, "oauth-tokens.json");
  if (path === undefined) {
    throw new AppError("invalid_config", "There is no folder to keep tokens in.", {
      hint: "Set HOME or XDG_CONFIG_HOME.",
    });
  }
  const read = () => readRecords(path);
  return {
    path,
    read,
    async lock({ signal }) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const lock = await takeFileLock(`${path}.lock`, { signal });
      return {
        read,
        async write(record) {
          const others = (await read()).filter(({ issuer }) => issuer !== record.issuer);
          const issuers = [...others, record].slice(-maxIssuers);
          if (await lock.isHeld()) await writePrivateFile(path, `${JSON.stringify({ issuers }, null, 2)}\n`);
        },
        release: lock.release,
      };
    },
  };
}
