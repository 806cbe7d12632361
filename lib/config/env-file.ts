import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { AppError } from "../base/errors.ts";
import { quote } from "../base/text.ts";
import type { Environment } from "./environment.ts";

/** Larger files are not environment files. */
const maxEnvFileBytes = 256 * 1024;

/** Variables read from a file. */
export interface EnvFile {
  /** The path as it was given, or `./.env`. */
  readonly path: string;
  /** Whether somebody named the file, or it merely lay in the current folder. */
  readonly isNamed: boolean;
  readonly variables: Environment;
}

function readVariables(path: string, shown: string): Environment {
  const stats = statSync(path);
  if (!stats.isFile() || stats.size > maxEnvFileBytes) {
    throw new AppError(
      "invalid_config",
      `The environment file ${quote(shown)} is not a file of at most 256 KiB.`,
    );
  }
  return parseEnv(readFileSync(path, "utf8"));
}

/**
 * Reads the file given by `--env-file`, else `./.env` where there is one.
 *
 * @throws `invalid_config` when a named file cannot be read
 */
export function readEnvFile(named: string | undefined, folder: string): EnvFile | undefined {
  const shown = named ?? "./.env";
  const path = named === undefined ? join(folder, ".env") : resolve(folder, named);
  if (named === undefined && !existsSync(path)) return undefined;
  try {
    return { path: shown, isNamed: named !== undefined, variables: readVariables(path, shown) };
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError("invalid_config", `The environment file ${quote(shown)} cannot be read.`, {
      hint: "Check that it exists and that you may read it.",
      cause: error,
    });
  }
}
