import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { AppError } from "../base/errors.ts";
import { didYouMean } from "../base/nearest.ts";
import { quote } from "../base/text.ts";
import { findConfigFolder } from "./config-folder.ts";
import type { Environment } from "./environment.ts";

/** Larger files are not lists of servers. */
const maxFileBytes = 1024 * 1024;

/** A server as a file lists it, nothing filled in or checked yet. */
export interface ListedServer {
  readonly name: string;
  readonly entry: Readonly<Record<string, unknown>>;
  /** The file as a person knows it, e.g. `./mcp.json`. */
  readonly shownPath: string;
  readonly path: string;
  /** It lay in the current folder, and nobody named it. */
  readonly isFromFolder: boolean;
}

/** Where servers are looked for. */
export interface ServerLookup {
  /** `--mcp-config`. */
  readonly named: string | undefined;
  /** The current folder. */
  readonly folder: string;
  readonly environment: Environment;
}

interface Place {
  readonly path: string;
  readonly shownPath: string;
  readonly isFromFolder: boolean;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function findPlaces({ named, folder, environment }: ServerLookup): Place[] {
  if (named !== undefined) return [{ path: resolve(folder, named), shownPath: named, isFromFolder: false }];
  const own = findConfigFolder(environment);
  const places = [
    { path: join(folder, "mcp.json"), shownPath: "./mcp.json", isFromFolder: true },
    ...(own === undefined
      ? []
      : [{ path: join(own, "mcp.json"), shownPath: join(own, "mcp.json"), isFromFolder: false }]),
  ];
  return places.filter(({ path }) => existsSync(path));
}

function readServers({ path, shownPath }: Place): Readonly<Record<string, unknown>> {
  const refuse = (problem: string, cause?: unknown) =>
    new AppError("invalid_config", `The file ${quote(shownPath, 200)} ${problem}.`, {
      hint: 'It holds {"mcpServers": {"NAME": {"command": "...", "args": []}}} or {"url": "..."} in its place.',
      cause,
    });
  let parsed: unknown;
  try {
    const stats = statSync(path);
    if (!stats.isFile() || stats.size > maxFileBytes) throw refuse("is not a file of at most 1 MiB");
    parsed = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw error instanceof AppError ? error : refuse("cannot be read as JSON", error);
  }
  const servers = isRecord(parsed) ? parsed["mcpServers"] : undefined;
  if (!isRecord(servers)) throw refuse('has no "mcpServers"');
  return servers;
}

/** The names of all servers that could be found; files that are none count as empty. */
export function listServerNames(lookup: ServerLookup): string[] {
  const names = findPlaces(lookup).flatMap((place) => {
    try {
      return Object.keys(readServers(place));
    } catch {
      return [];
    }
  });
  return [...new Set(names)];
}

/**
 * Finds a server by its name: in the file that was named, else in `./mcp.json` and then in `mcp.json` of the
 * user's config folder.
 *
 * @throws `invalid_config` for a file that is no list of servers, `usage` for a name that is in none of them
 */
export function findServer(name: string, lookup: ServerLookup): ListedServer {
  const known: string[] = [];
  const places = findPlaces(lookup);
  for (const place of places) {
    const servers = readServers(place);
    const entry = Object.hasOwn(servers, name) ? servers[name] : undefined;
    if (isRecord(entry)) return { name, entry, ...place };
    known.push(...Object.keys(servers));
  }
  const where = places.map(({ shownPath }) => quote(shownPath, 200)).join(" and ");
  if (places.length === 0) {
    throw new AppError("usage", `There is no mcp.json to find the server ${quote(name)} in.`, {
      hint: "Name one with --mcp-config, or give the server's address with --url.",
    });
  }
  throw new AppError("usage", `There is no server ${quote(name)} in ${where}.${didYouMean(name, known)}`);
}
