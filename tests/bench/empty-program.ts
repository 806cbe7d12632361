import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Compiles a program that does nothing, as the Makefile compiles ours; gives its path. */
export function buildEmptyProgram(folder: string): string {
  const source = join(folder, "empty.ts");
  const outfile = join(folder, "empty");
  writeFileSync(source, "");
  const flags = ["--compile", "--production", "--bytecode", "--format=esm", "--splitting"];
  const isolation = ["--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig"];
  const built = spawnSync(process.execPath, ["build", ...flags, ...isolation, source, "--outfile", outfile]);
  if (built.status !== 0) throw new Error(String(built.stderr));
  return outfile;
}
