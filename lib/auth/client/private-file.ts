import { constants } from "node:fs";
import { type FileHandle, lstat, open, rename, rm } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { AppError } from "../../base/errors.ts";
import { quote } from "../../base/text.ts";

/*
 * Files that are for one person alone. Modes and owners are not checked on Windows, which has neither.
 */

/** What was found where a private file should be. */
export type PrivateFile =
  | { readonly kind: "absent" }
  | { readonly kind: "read"; readonly text: string }
  /** Not ours, open to others, or too large: `fault` completes the sentence "The file …". */
  | { readonly kind: "untrusted"; readonly fault: string };

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** The error for a file of ours that cannot be used; `fault` completes the sentence "The file …". */
export function createFileError(path: string, fault: string, cause?: unknown): AppError {
  return new AppError("cache_unusable", `The file ${quote(path, 200)} ${fault}.`, {
    hint: "Name another file with --token-cache, or set right what is wrong with this one.",
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Turns an error of the file system into one that says what to do. */
export function describeFileError(path: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const code = codeOf(error) ?? "";
  if (code === "ENOENT") return createFileError(path, "is in a folder that does not exist", error);
  if (code === "ENOTDIR") return createFileError(path, "is below something that is not a folder", error);
  if (code === "EISDIR") return createFileError(path, "is a folder", error);
  return createFileError(path, `cannot be used (${code || "unknown error"})`, error);
}

async function explainDistrust(handle: FileHandle, maxBytes: number): Promise<string | undefined> {
  const stats = await handle.stat();
  if (stats.size > maxBytes) return "is too large";
  if (process.platform === "win32") return undefined;
  if (stats.uid !== process.getuid?.()) return "belongs to another user";
  return (stats.mode & 0o077) === 0 ? undefined : "is open to other users";
}

async function openForReading(path: string): Promise<FileHandle | undefined> {
  const stats = await lstat(path).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  });
  if (!stats) return undefined;
  if (stats.isSymbolicLink()) throw createFileError(path, "is a symbolic link, which is not followed");
  if (stats.isDirectory()) throw createFileError(path, "is a folder");
  if (!stats.isFile()) throw createFileError(path, "is not a regular file");
  // O_NOFOLLOW: it may have become a link since.
  return open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
}

/**
 * Reads a file that only we may read.
 *
 * @throws `cache_unusable` for a symbolic link, a folder, or a file that cannot be read
 */
export async function readPrivateFile(path: string, maxBytes: number): Promise<PrivateFile> {
  let handle: FileHandle | undefined;
  try {
    handle = await openForReading(path);
    if (!handle) return { kind: "absent" };
    const fault = await explainDistrust(handle, maxBytes);
    if (fault !== undefined) return { kind: "untrusted", fault };
    return { kind: "read", text: await handle.readFile("utf8") };
  } catch (error) {
    throw describeFileError(path, error);
  } finally {
    await handle?.close();
  }
}

/**
 * Reads the beginning of a file, whoever may read it; undefined where there is none.
 *
 * @throws `cache_unusable` for a symbolic link, a folder, a pipe, or a file that cannot be read
 */
export async function readRegularFile(path: string, maxBytes: number): Promise<string | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await openForReading(path);
    if (!handle) return undefined;
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(maxBytes), 0, maxBytes, 0);
    return buffer.toString("utf8", 0, bytesRead);
  } catch (error) {
    // It may have gone between the look at it and its opening.
    if (codeOf(error) === "ENOENT") return undefined;
    throw describeFileError(path, error);
  } finally {
    await handle?.close();
  }
}

/**
 * Writes a file that only we may read: a new file beside it with mode 0600 from its creation, which then
 * takes its place in one step.
 *
 * @throws `cache_unusable`
 */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, "wx", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw describeFileError(path, error);
  }
}
