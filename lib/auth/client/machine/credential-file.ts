import { open } from "node:fs/promises";
import { AppError } from "../../../base/errors.ts";
import { quote } from "../../../base/text.ts";

/** A file with something by which an application shows who it is. */
export interface CredentialFile {
  readonly path: string;
  /** What it holds, as in "The client secret". */
  readonly content: string;
  /** Whether other users of this machine must not be able to read it. */
  readonly isPrivate: boolean;
}

const maxBytes = 64 * 1024;

/** The error for such a file; `fault` completes the sentence. */
export function createCredentialFileError(file: CredentialFile, fault: string, hint: string): AppError {
  return new AppError("invalid_config", `${file.content} in the file ${quote(file.path, 200)} ${fault}.`, {
    hint,
  });
}

/**
 * Reads it. Links are followed, unlike with files that we write: in containers secrets are links to what the
 * platform put there. A group may read it, since platforms give secrets away that way.
 *
 * @throws `invalid_config`
 */
export async function readCredentialFile(file: CredentialFile): Promise<string> {
  const handle = await open(file.path, "r").catch((error: unknown) => {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    throw createCredentialFileError(file, `cannot be read (${code})`, "Check the path and who may read it.");
  });
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw createCredentialFileError(file, "cannot be read", "Name a regular file.");
    if (stats.size > maxBytes) throw createCredentialFileError(file, "is too large", "Name the right file.");
    if (file.isPrivate && process.platform !== "win32" && (stats.mode & 0o027) !== 0) {
      throw createCredentialFileError(file, "is open to other users", "Close it to them: chmod 600.");
    }
    const text = (await handle.readFile("utf8")).trim();
    if (text === "") throw createCredentialFileError(file, "is empty", "Name the right file.");
    return text;
  } finally {
    await handle.close();
  }
}
