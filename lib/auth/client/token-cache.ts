import { chmod, rename, stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Abortable } from "../../base/abort.ts";
import { type Clock, systemClock } from "../../base/clock.ts";
import { type Log, silentLog } from "../../base/log.ts";
import { quote } from "../../base/text.ts";
import { type FileLock, takeFileLock } from "./file-lock.ts";
import { type MsalCache, parseMsalCache } from "./msal-cache.ts";
import { describeFileError, readPrivateFile, writePrivateFile } from "./private-file.ts";

const maxBytes = 4 * 1024 * 1024;

/** The cache while its lock is held. */
export interface LockedTokenCache {
  /**
   * MSAL's JSON, or nothing where there is none. A file that is corrupt or not ours alone is set aside.
   *
   * @throws `cache_unusable` for a symbolic link or a folder
   */
  read(): Promise<string | undefined>;
  /** Replaces the file. Does nothing when the lock was lost meanwhile: somebody else writes. */
  write(text: string): Promise<void>;
  /** Moves the file aside, with a warning; `fault` completes the sentence "The token cache …". */
  setAside(fault: string): Promise<void>;
  /** Gives the lock back. */
  release(): Promise<void>;
}

/** The file in which MSAL's tokens are kept. */
export interface TokenCache {
  /** Absolute. */
  readonly path: string;
  /**
   * Reads without the lock and changes nothing; undefined when there is nothing usable.
   *
   * @throws `cache_unusable` for a symbolic link or a folder
   */
  peek(): Promise<MsalCache | undefined>;
  /**
   * Takes the lock, so that no other process reads or writes until it is released.
   *
   * @throws `cache_unusable`
   */
  lock(options: Abortable): Promise<LockedTokenCache>;
  /**
   * Finds out whether the file can be written, before a person has gone to any trouble.
   *
   * @throws `cache_unusable`
   */
  checkWritable(options: Abortable): Promise<void>;
}

/** How to open the cache. */
export interface TokenCacheOptions {
  /** Relative paths are relative to the current folder. */
  readonly path: string;
  readonly clock?: Clock | undefined;
  readonly log?: Log | undefined;
  /** Called when another process holds the lock. */
  readonly onWait?: (() => void) | undefined;
}

async function findFreeName(path: string, clock: Clock): Promise<string> {
  const stamp = new Date(clock.nowMs()).toISOString().replace(/[-:]/g, "");
  for (let count = 0; ; count++) {
    const name = `${path}.corrupt-${stamp}${count === 0 ? "" : `-${count}`}`;
    const exists = await stat(name).then(
      () => true,
      () => false,
    );
    if (!exists) return name;
  }
}

function openLocked(options: TokenCacheOptions, lock: FileLock): LockedTokenCache {
  const { path, clock = systemClock, log = silentLog } = options;
  const setAside = async (fault: string) => {
    const name = await findFreeName(path, clock);
    await rename(path, name).catch((error: unknown) => {
      throw describeFileError(path, error);
    });
    // It may hold tokens that others could read. Not ours: then it stays as it is.
    await chmod(name, 0o600).catch(() => undefined);
    log.warn(`The token cache ${quote(path, 200)} ${fault}; it was set aside as ${quote(name, 200)}.`);
  };
  return {
    setAside,
    release: lock.release,
    async read() {
      const file = await readPrivateFile(path, maxBytes);
      if (file.kind === "absent") return undefined;
      if (file.kind === "read" && parseMsalCache(file.text)) return file.text;
      await setAside(file.kind === "untrusted" ? file.fault : "is corrupt");
      return undefined;
    },
    async write(text) {
      if (await lock.isHeld()) await writePrivateFile(path, text);
      else
        log.warn(`The token cache ${quote(path, 200)} was not written: another process took over its lock.`);
    },
  };
}

/** Opens the token cache. Touches no file yet. */
export function openTokenCache(given: TokenCacheOptions): TokenCache {
  const options = { ...given, path: resolve(given.path) };
  const { path, clock, onWait } = options;
  const lock = async ({ signal }: Abortable) => {
    return openLocked(options, await takeFileLock(`${path}.lock`, { signal, clock, onWait }));
  };
  return {
    path,
    lock,
    async peek() {
      const file = await readPrivateFile(path, maxBytes);
      if (file.kind === "untrusted") {
        (options.log ?? silentLog).warn(`The token cache ${quote(path, 200)} ${file.fault}; it is not used.`);
      }
      return file.kind === "read" ? parseMsalCache(file.text) : undefined;
    },
    // The lock file is new in the same folder, so making it shows that the cache can be made, too.
    async checkWritable(abortable) {
      const locked = await lock(abortable);
      try {
        await locked.read();
      } finally {
        await locked.release();
      }
    },
  };
}
