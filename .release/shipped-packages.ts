import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { type LockedPackage, readLock, root } from "./lock.ts";

const programs = ["mcp-server", "mcp-client", "mcp-agent"].map((name) => join(root, `cmd/${name}/main.ts`));
const page = join(root, "lib/web/page/index.html");

async function readInputs(entrypoints: string[], target: "bun" | "browser"): Promise<string[]> {
  const { metafile, success, logs } = await Bun.build({ entrypoints, target, metafile: true, throw: false });
  if (!success || !metafile) throw new Error(`The programs cannot be bundled: ${logs.join("\n")}`);
  return Object.keys(metafile.inputs).map((path) => relative(root, join(process.cwd(), path)));
}

/** The folder of the package that a file belongs to, from the root. */
function folderOf(path: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0];
}

/**
 * The packages of which something is inside the programs or the page, and no others: an installed package that the
 * bundler leaves out is nobody's risk.
 */
export async function findShippedPackages(): Promise<LockedPackage[]> {
  const inputs = await readInputs(programs, "bun");
  if (existsSync(page)) inputs.push(...(await readInputs([page], "browser")));
  const folders = new Set(inputs.flatMap((path) => folderOf(path) ?? []));
  const locked = readLock().filter(({ folder }) => folders.delete(folder));
  if (folders.size > 0) throw new Error(`package-lock.json pins no ${[...folders].join(", ")}.`);
  return locked;
}
