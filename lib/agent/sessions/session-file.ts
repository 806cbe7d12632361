import { closeSync, constants, fstatSync, openSync, readFileSync, readSync, writeSync } from "node:fs";
import type { ModelMessage } from "ai";
import { AppError } from "../../base/errors.ts";
import { quote } from "../../base/text.ts";
import { parseHeader, parseLine, type SessionHeader, type SessionLine } from "./session-line.ts";

/** Longer conversations fit no model. */
const maxSessionBytes = 256 * 1024 * 1024;

/** A session as it was left. */
export interface StoredSession {
  readonly header: SessionHeader;
  readonly messages: readonly ModelMessage[];
}

/** A session's file, open for what comes. */
export interface SessionFile {
  readonly id: string;
  readonly path: string;
  /**
   * Adds a line, on disk when it returns: what was said outlives a program that is killed.
   *
   * @throws `session_unusable`
   */
  append(line: SessionLine): void;
}

/** The error for a session's file that cannot be used; `fault` completes the sentence "The session's file …". */
function createSessionError(path: string, fault: string, cause?: unknown): AppError {
  const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
  return new AppError("session_unusable", `The session's file ${quote(path, 200)} ${fault}${code}.`, {
    hint: "Start without --continue and --resume, or with --ephemeral to keep no record.",
    ...(cause === undefined ? {} : { cause }),
  });
}

function checkOwner(descriptor: number, path: string): void {
  const stats = fstatSync(descriptor);
  if (!stats.isFile()) throw createSessionError(path, "is no regular file");
  if (stats.size > maxSessionBytes) throw createSessionError(path, "is too large");
  if (process.platform === "win32") return;
  if (stats.uid !== process.getuid?.()) throw createSessionError(path, "belongs to another user");
  if ((stats.mode & 0o077) !== 0) throw createSessionError(path, "is open to other users");
}

/** O_NONBLOCK: opening a pipe that somebody put there must not wait for its other end. */
function openFile(path: string, flags: number): number {
  const careful = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  try {
    return openSync(path, flags | careful, 0o600);
  } catch (error) {
    throw createSessionError(path, "cannot be opened", error);
  }
}

function useFile<Result>(path: string, flags: number, use: (descriptor: number) => Result): Result {
  const descriptor = openFile(path, flags);
  try {
    checkOwner(descriptor, path);
    return use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** A program that was killed may have left half a line: what comes must not be lost with it. */
function endsInLine(descriptor: number): boolean {
  const { size } = fstatSync(descriptor);
  const last = Buffer.alloc(1);
  return size === 0 || (readSync(descriptor, last, 0, 1, size - 1) === 1 && last.toString() === "\n");
}

/** One write a line: with O_APPEND two programs never mix theirs. */
function writeLine(path: string, flags: number, line: SessionHeader | SessionLine): void {
  useFile(path, constants.O_RDWR | constants.O_APPEND | flags, (descriptor) => {
    const text = Buffer.from(`${endsInLine(descriptor) ? "" : "\n"}${JSON.stringify(line)}\n`);
    try {
      if (writeSync(descriptor, text) < text.length) throw createSessionError(path, "is cut off");
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw createSessionError(path, "cannot be written", error);
    }
  });
}

/** Opens the file of a session that is there. */
export function openSessionFile(path: string, id: string): SessionFile {
  return { id, path, append: (line) => writeLine(path, 0, line) };
}

/** Plans the file of a new session: mode 0600, made with its first line, so that nothing said leaves no file. */
export function planSessionFile(path: string, header: SessionHeader): SessionFile {
  let isMade = false;
  return {
    id: header.id,
    path,
    append(line) {
      if (!isMade) writeLine(path, constants.O_CREAT | constants.O_EXCL, header);
      isMade = true;
      writeLine(path, 0, line);
    },
  };
}

/**
 * Reads a session. Lines that cannot be read are left out: a program that was killed may have left half a line.
 *
 * @throws `session_unusable` for a file that is no session, or is not this person's alone
 */
export function readSession(path: string): StoredSession {
  const text = useFile(path, constants.O_RDONLY, (descriptor) => readFileSync(descriptor, "utf8"));
  const [first = "", ...rest] = text.split("\n");
  const header = parseHeader(first);
  if (!header) throw createSessionError(path, "is no session of this version");
  const messages: ModelMessage[] = [];
  for (const line of rest) {
    const parsed = parseLine(line);
    if (parsed?.type === "clear") messages.length = 0;
    if (parsed?.type === "messages") messages.push(...parsed.messages);
  }
  return { header, messages };
}
