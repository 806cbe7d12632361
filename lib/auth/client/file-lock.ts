import { randomUUID } from "node:crypto";
import { link, open, rename, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { type Abortable, sleep } from "../../base/abort.ts";
import { type Clock, systemClock } from "../../base/clock.ts";
import { AppError } from "../../base/errors.ts";
import { quote } from "../../base/text.ts";
import { describeFileError, readRegularFile } from "./private-file.ts";

/*
 * A lock across processes: a file that is created exclusively and names its owner. It is taken over when its
 * owner is dead, or after a time that no honest owner needs. Two who take over the same stale lock at once
 * are told apart by its nonce; `isHeld` lets an owner find out, before it writes, that it was taken for dead.
 */

/** Longer than a request to the sign-in service may last; after that an owner counts as lost. */
const staleMs = 60_000;
/** Longer than {@link staleMs}, so that a waiter outlasts a lost owner. */
const maxWaitMs = 75_000;
const pollMs = 25;
const maxLockBytes = 4096;

/** How to take a lock. */
export interface FileLockOptions extends Abortable {
  readonly clock?: Clock | undefined;
  /** Called once when the lock is somebody else's. */
  readonly onWait?: (() => void) | undefined;
}

/** A lock that was taken. */
export interface FileLock {
  /** Whether it is still ours. */
  isHeld(): Promise<boolean>;
  /** Gives it back; does nothing when it is not ours any more. */
  release(): Promise<void>;
}

interface Owner {
  readonly pid: number;
  readonly host: string;
  readonly takenAtMs: number;
  readonly nonce: string;
}

function parseOwner(text: string): Owner | undefined {
  try {
    const { pid, host, takenAtMs, nonce } = JSON.parse(text) as Partial<Record<keyof Owner, unknown>>;
    if (typeof pid !== "number" || !Number.isSafeInteger(pid) || pid <= 0) return undefined;
    if (typeof host !== "string" || typeof nonce !== "string") return undefined;
    return typeof takenAtMs === "number" ? { pid, host, takenAtMs, nonce } : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}

/** The text of the lock file when its owner is lost, else undefined. */
async function readStale(path: string, clock: Clock): Promise<string | undefined> {
  // In a folder that somebody else prepared it may be a link to anything, or a pipe that never ends.
  const text = await readRegularFile(path, maxLockBytes);
  if (text === undefined) return undefined;
  const owner = parseOwner(text);
  if (owner && owner.host === hostname() && !isAlive(owner.pid)) return text;
  const takenAtMs = owner?.takenAtMs ?? (await stat(path).catch(() => undefined))?.mtimeMs;
  const isLost = takenAtMs !== undefined && Math.abs(clock.nowMs() - takenAtMs) > staleMs;
  return isLost ? text : undefined;
}

/** Moves the stale lock aside; puts back what turns out to be another's fresh one. */
async function removeStale(path: string, staleText: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
    if ((await readRegularFile(aside, maxLockBytes)) !== staleText) await link(aside, path);
  } catch {
    // Somebody else was faster.
  }
  await rm(aside, { force: true });
}

async function tryCreate(path: string, owner: Owner): Promise<boolean> {
  try {
    const handle = await open(path, "wx", 0o600);
    try {
      await handle.writeFile(JSON.stringify(owner));
    } catch (error) {
      // On a full disk: an empty lock would keep everybody waiting.
      await rm(path, { force: true }).catch(() => {});
      throw error;
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw describeFileError(path, error);
  }
}

async function isOwnedBy(path: string, owner: Owner): Promise<boolean> {
  const text = await readRegularFile(path, maxLockBytes).catch(() => undefined);
  return parseOwner(text ?? "")?.nonce === owner.nonce;
}

function createBusyError(path: string): AppError {
  return new AppError("cache_unusable", `Another process holds the lock ${quote(path, 200)} for too long.`, {
    hint: "Remove that file if no other mcp-client or mcp-agent runs, or name another cache with --token-cache.",
  });
}

async function waitForLock(path: string, owner: Owner, options: FileLockOptions): Promise<void> {
  const clock = options.clock ?? systemClock;
  const deadlineMs = clock.nowMs() + maxWaitMs;
  for (let attempt = 0; ; attempt++) {
    options.signal?.throwIfAborted();
    if (await tryCreate(path, owner)) return;
    if (clock.nowMs() > deadlineMs) throw createBusyError(path);
    const stale = await readStale(path, clock);
    if (stale !== undefined) await removeStale(path, stale);
    else if (attempt === 0) options.onWait?.();
    await sleep(pollMs, options);
  }
}

/**
 * Takes the lock file, which the caller must release. Waits at most 75 s for other owners.
 *
 * @throws `cache_unusable` when the file cannot be created or is no regular file, or when its owner does not let go
 */
export async function takeFileLock(path: string, options: FileLockOptions): Promise<FileLock> {
  const takenAtMs = (options.clock ?? systemClock).nowMs();
  const owner: Owner = { pid: process.pid, host: hostname(), takenAtMs, nonce: randomUUID() };
  await waitForLock(path, owner, options);
  const isHeld = () => isOwnedBy(path, owner);
  return {
    isHeld,
    async release() {
      if (await isHeld()) await rm(path, { force: true });
    },
  };
}
