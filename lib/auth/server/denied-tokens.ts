import { stat } from "node:fs/promises";
import { AppError } from "../../base/errors.ts";
import type { Log } from "../../base/log.ts";
import { quote } from "../../base/text.ts";

/** Tokens that are refused although they are valid, by their id: `uti` at Entra, `jti` elsewhere. */
export interface DeniedTokens {
  has(tokenId: string): boolean;
  /** Calls back when a token becomes denied, or is so already. @returns a function that ends the watch */
  watch(tokenId: string, onDenied: () => void): () => void;
  /** Ends the reading of the file. */
  close(): void;
}

export interface DeniedTokensOptions {
  /** One token id a line; lines that begin with `#` are comments. */
  readonly path: string;
  readonly log: Log;
  /** How often the file is looked at, in milliseconds. Default 1000. */
  readonly intervalMs?: number;
}

/** Room for some ninety thousand ids; reading more would keep callers waiting. */
const maxBytes = 2 * 1024 * 1024;
const tokenId = /^[\x21-\x7E]{1,128}$/;

interface DenyList {
  readonly ids: ReadonlySet<string>;
  /** Numbers of the lines that are no token ids. */
  readonly badLines: readonly number[];
}

function parseList(text: string): DenyList {
  const ids = new Set<string>();
  const badLines: number[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const id = line.trim();
    if (id === "" || id.startsWith("#")) continue;
    if (tokenId.test(id)) ids.add(id);
    else badLines.push(index + 1);
  }
  return { ids, badLines };
}

/** Tells one version of a file from the next, also when it was replaced within the clock's resolution. */
async function readVersion(path: string): Promise<string> {
  const facts = await stat(path, { bigint: true });
  const { size, mtimeNs, ino } = facts;
  // Reading a pipe or a device might never end.
  if (!facts.isFile()) throw new Error("it is not a file");
  if (size > maxBytes) throw new Error(`more than ${maxBytes} bytes`);
  return `${ino} ${size} ${mtimeNs}`;
}

/** The first few lines that are no token ids. */
function describeLines(badLines: readonly number[]): string {
  const more = badLines.length - 5;
  return `${badLines.slice(0, 5).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function describe(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

/** Who waits for which token to become denied. */
function createWatchers() {
  const watchers = new Map<string, Set<() => void>>();
  return {
    add(id: string, onDenied: () => void): () => void {
      const callbacks = watchers.get(id) ?? new Set();
      watchers.set(id, callbacks.add(onDenied));
      return () => {
        callbacks.delete(onDenied);
        if (callbacks.size === 0 && watchers.get(id) === callbacks) watchers.delete(id);
      };
    },
    tell(ids: ReadonlySet<string>): void {
      for (const [id, callbacks] of watchers) if (ids.has(id)) for (const callback of callbacks) callback();
    },
  };
}

/** The list as it is in the file; `read` gives the new one, or undefined where the file is still the same. */
function createListReader(path: string): () => Promise<DenyList | undefined> {
  let version = "";
  return async () => {
    const found = await readVersion(path);
    if (found === version) return undefined;
    const list = parseList(await Bun.file(path).text());
    version = found;
    return list;
  };
}

async function readFirst(path: string, read: () => Promise<DenyList | undefined>): Promise<DenyList> {
  const first = await read().catch((cause: unknown) => {
    throw new AppError("invalid_config", `The file of denied tokens, ${quote(path)}, cannot be read.`, {
      hint: "--denied-tokens (MCP_DENIED_TOKENS) takes a file of at most 2 MiB, one uti (or jti) a line.",
      detail: describe(cause),
      cause,
    });
  });
  const [badLine] = first?.badLines ?? [];
  if (badLine === undefined) return first ?? { ids: new Set(), badLines: [] };
  const message = `Line ${badLine} of the file of denied tokens, ${quote(path)}, is no token id.`;
  throw new AppError("invalid_config", message, { hint: "One uti (or jti) a line; # begins a comment." });
}

/**
 * Opens the file of denied tokens and reads it again, within a second, whenever it changes. Where it cannot be
 * read any more, the last list stays in force; while it has lines that are no token ids, the last list stays beside
 * the new one.
 *
 * @throws `invalid_config` where it cannot be read at the start, or holds a line that is no token id
 */
export async function openDeniedTokens(options: DeniedTokensOptions): Promise<DeniedTokens> {
  const { path, log, intervalMs = 1000 } = options;
  const read = createListReader(path);
  const watchers = createWatchers();
  let { ids } = await readFirst(path, read);
  let isFailing = false;
  let isReading = false;

  function take(list: DenyList): void {
    const isGood = list.badLines.length === 0;
    ids = isGood ? list.ids : ids.union(list.ids);
    log.info(`Denied tokens: ${list.ids.size} listed in ${path}`);
    if (!isGood) {
      const lines = describeLines(list.badLines);
      log.error(`Denied tokens: ${path} has lines that are no token ids, the last list stays, too: ${lines}`);
    }
    watchers.tell(ids);
  }

  async function readAgain(): Promise<void> {
    if (isReading) return;
    isReading = true;
    try {
      const list = await read();
      isFailing = false;
      if (list) take(list);
    } catch (error) {
      if (!isFailing) {
        log.error(`Denied tokens: ${path} cannot be read, the last list stays: ${describe(error)}`);
      }
      isFailing = true;
    } finally {
      isReading = false;
    }
  }

  const timer = setInterval(() => void readAgain(), intervalMs);
  timer.unref();
  return {
    has: (id) => ids.has(id),
    watch(id, onDenied) {
      const end = watchers.add(id, onDenied);
      // The file may have changed since the token was verified.
      if (ids.has(id)) onDenied();
      return end;
    },
    close: () => clearInterval(timer),
  };
}
