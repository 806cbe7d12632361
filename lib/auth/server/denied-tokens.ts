import { AppError } from "../../base/errors.ts";
import type { Log } from "../../base/log.ts";
import { quote } from "../../base/text.ts";
import { readDenyList } from "./deny-list.ts";

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

function describe(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

/** Who wants to know when a token becomes denied. */
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

/** @throws `invalid_config` */
async function readFirst(path: string): Promise<{ ids: ReadonlySet<string>; version: string }> {
  const first = await readDenyList(path, "").catch((cause: unknown) => {
    throw new AppError("invalid_config", `The file of denied tokens, ${quote(path)}, cannot be read.`, {
      hint: "Check --denied-tokens (MCP_DENIED_TOKENS).",
      detail: describe(cause),
      cause,
    });
  });
  const { ids, badLines } = first?.list ?? { ids: new Set<string>(), badLines: [] };
  if (badLines.length > 0) {
    const message = `Line ${badLines[0]} of the file of denied tokens, ${quote(path)}, is no token id.`;
    throw new AppError("invalid_config", message, { hint: "One uti a line; # begins a comment." });
  }
  return { ids, version: first?.version ?? "" };
}

/** Does a piece of work unless it is still at it. */
function skipWhileRunning(work: () => Promise<void>): () => void {
  let isRunning = false;
  return () => {
    if (isRunning) return;
    isRunning = true;
    void work().finally(() => {
      isRunning = false;
    });
  };
}

/**
 * Opens the file of denied tokens and reads it again, within a second, whenever it changes. Where it cannot be
 * read any more, the last list stays in force.
 *
 * @throws `invalid_config` where it cannot be read at the start, or holds a line that is no token id
 */
export async function openDeniedTokens(options: DeniedTokensOptions): Promise<DeniedTokens> {
  const { path, log, intervalMs = 1000 } = options;
  const watchers = createWatchers();
  let { ids, version } = await readFirst(path);
  let isFailing = false;

  async function readAgain(): Promise<void> {
    const read = await readDenyList(path, version);
    isFailing = false;
    if (!read) return;
    const { list } = read;
    ({ version } = read);
    ({ ids } = list);
    log.info(`Denied tokens: ${ids.size} listed in ${path}`);
    if (list.badLines.length > 0) {
      log.error(`Denied tokens: ${path} has lines that are no token ids: ${list.badLines.join(", ")}`);
    }
    watchers.tell(ids);
  }

  function tellFailure(error: unknown): void {
    if (!isFailing)
      log.error(`Denied tokens: ${path} cannot be read, the last list stays: ${describe(error)}`);
    isFailing = true;
  }

  const timer = setInterval(
    skipWhileRunning(() => readAgain().catch(tellFailure)),
    intervalMs,
  );
  timer.unref();
  return {
    has: (id) => ids.has(id),
    watch(id, onDenied) {
      const unwatch = watchers.add(id, onDenied);
      // The file may have changed since the token was verified.
      if (ids.has(id)) onDenied();
      return unwatch;
    },
    close: () => clearInterval(timer),
  };
}
