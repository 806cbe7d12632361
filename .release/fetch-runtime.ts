import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readLock, runCommand } from "./lock.ts";
import type { Target } from "./targets.ts";

function checkIntegrity(file: string, name: string, integrity: string): void {
  const digest = new Bun.CryptoHasher("sha512").update(readFileSync(file)).digest("base64");
  if (integrity === `sha512-${digest}`) return;
  rmSync(file);
  throw new Error(`${name} is not what package-lock.json pins.`);
}

/**
 * Brings Bun for a platform from the npm registry, in the version and with the hash that package-lock.json pins.
 *
 * @param cache folder where runtimes stay for the next build
 * @returns the path of the executable
 */
export function fetchRuntime({ runtime, name }: Target, cache: string): string {
  const locked = readLock().find((entry) => entry.name === runtime);
  if (!locked) throw new Error(`${runtime} is not in package-lock.json.`);
  const { version, integrity } = locked;
  const folder = join(cache, `${name}-${version}`);
  const binary = join(folder, "package/bin", name.startsWith("windows") ? "bun.exe" : "bun");
  if (existsSync(binary)) return binary;
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const packed = runCommand([
    "npm",
    "pack",
    `${runtime}@${version}`,
    "--silent",
    "--pack-destination",
    partial,
  ]);
  const file = join(partial, packed.trim());
  checkIntegrity(file, runtime, integrity);
  runCommand(["tar", "-xzf", file, "-C", partial]);
  rmSync(file);
  renameSync(partial, folder);
  return binary;
}
