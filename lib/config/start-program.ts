import { programVersion } from "../base/version.ts";

/** A program whose parts are not loaded yet. */
type ProgramLoader = () => Promise<{ run(): Promise<number> }>;

const versionFlags: readonly string[] = ["--version", "-v"];

/** Bun's own write: even `node:fs` would cost a quarter of the start of an empty program. */
async function printVersion(name: string): Promise<boolean> {
  return Bun.write(Bun.stdout, `${name} ${programVersion}\n`).then(
    () => true,
    () => false,
  );
}

/**
 * Starts a program and sets its exit code. When it is asked for nothing but its version, nothing else is loaded;
 * where that cannot be written, the whole program does it and says why.
 */
export async function startProgram(name: string, load: ProgramLoader): Promise<void> {
  const [flag = "", ...others] = process.argv.slice(2);
  if (others.length === 0 && versionFlags.includes(flag) && (await printVersion(name))) return;
  const program = await load();
  process.exitCode = await program.run();
}
