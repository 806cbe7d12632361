import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The repository's root. */
export const root = join(import.meta.dir, "..");

/** A package as package-lock.json pins it. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** Subresource integrity, `sha512-…`. */
  readonly integrity: string;
  /** From the root. */
  readonly folder: string;
}

interface LockEntry {
  readonly version?: string;
  readonly integrity?: string;
}

/** Every package that package-lock.json pins, those for other platforms included. */
export function readLock(): LockedPackage[] {
  const text = readFileSync(join(root, "package-lock.json"), "utf8");
  const { packages } = JSON.parse(text) as { packages: Record<string, LockEntry> };
  return Object.entries(packages).flatMap(([folder, { version, integrity }]) => {
    const name = folder.split("node_modules/").at(-1) ?? "";
    if (version === undefined || integrity === undefined || folder === "") return [];
    return [{ name, version, integrity, folder }];
  });
}

/** What package.json says of the product. */
export function readProduct(): { readonly name: string; readonly version: string; readonly license: string } {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
}

/** Runs a command to its end and gives what it printed; fails with what it complained of. */
export function runCommand(
  command: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync([...command], {
    cwd: options.cwd ?? root,
    env: { ...process.env, ...options.env },
  });
  if (exitCode !== 0) throw new Error(`${command.join(" ")} ended with ${exitCode}:\n${stderr}`);
  return stdout.toString();
}
