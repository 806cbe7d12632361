import { randomUUID } from "node:crypto";
import { lstat, open, rename, rm, stat } from "node:fs/promises";
import { dirname, parse, join } from "node:path";
import { AppError } from "../../lib/base/errors.ts";
import { quote } from "../../lib/base/text.ts";

/*
 * Files for results. Their names come from the person alone, never from a server; links are not followed, and a
 * file that is there already stays as it is unless somebody says --force.
 */

/** Further parts of one result get a number each; nobody has more files of one name than this. */
const maxNumber = 10_000;
/** No server fills a folder with more files than this by one answer. */
const maxFiles = 1000;

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}

function refuse(path: string, problem: string, hint: string): AppError {
  return new AppError("usage", `--output: ${quote(path, 200)} ${problem}.`, { hint });
}

function writeFailure(path: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError("output_failed", `The file ${quote(path, 200)} cannot be written (${codeOf(error)}).`, {
    hint: "The result is lost or cut off.",
    cause: error,
  });
}

/**
 * Checks that a result may be written to a file, so that nothing is called in vain.
 *
 * @throws `usage` for a file that exists (without `force`), for what is no regular file, for a missing folder
 */
export async function checkOutputFile(path: string, force: boolean): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found && !found.isFile()) throw refuse(path, "is not a regular file", "Name a file.");
  if (found && !force) throw refuse(path, "exists already", "Name another file, or add --force.");
  const folder = await stat(dirname(path)).catch(() => undefined);
  if (!folder?.isDirectory()) throw refuse(path, "is in a folder that does not exist", "Make it first.");
}

async function writeNew(path: string, content: string | Uint8Array): Promise<void> {
  // "wx" makes a file and follows no link; its mode is what the umask leaves.
  const handle = await open(path, "wx", 0o666);
  try {
    await handle.writeFile(content);
  } finally {
    await handle.close();
  }
}

/** Takes the file's place in one step, so that it is never seen half written. */
async function replace(path: string, content: string | Uint8Array): Promise<void> {
  await checkOutputFile(path, true);
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await writeNew(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/**
 * Writes a result to a file.
 *
 * @throws `output_failed`, also for a file that came to be since {@link checkOutputFile}
 */
export async function writeOutputFile(
  path: string,
  content: string | Uint8Array,
  force: boolean,
): Promise<void> {
  try {
    await (force ? replace : writeNew)(path, content);
  } catch (error) {
    throw writeFailure(path, error);
  }
}

/** `picture.png` and 2 give `picture-2.png`. */
function numbered(path: string, number: number): string {
  const { dir, name, ext } = parse(path);
  return join(dir, `${name}-${number}${ext}`);
}

/**
 * Writes several parts of one result: the first to the file, the others beside it to new files with numbers.
 *
 * @returns the files, in order
 * @throws `output_failed`, `protocol_error` for more than 1000 parts
 */
export async function writeOutputFiles(
  path: string,
  contents: readonly Uint8Array[],
  force: boolean,
): Promise<readonly string[]> {
  if (contents.length > maxFiles) {
    throw new AppError("protocol_error", `The server's answer has ${contents.length} binary parts.`, {
      hint: `At most ${maxFiles} are saved; with --json all of them go into the one file.`,
    });
  }
  const files: string[] = [];
  let number = 2;
  for (const content of contents) {
    if (files.length === 0) {
      await writeOutputFile(path, content, force);
      files.push(path);
      continue;
    }
    for (; ; number++) {
      const next = numbered(path, number);
      try {
        await writeNew(next, content);
        files.push(next);
        number++;
        break;
      } catch (error) {
        if (codeOf(error) !== "EEXIST" || number > maxNumber) throw writeFailure(next, error);
      }
    }
  }
  return files;
}
