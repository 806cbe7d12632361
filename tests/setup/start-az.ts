import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createFolder } from "../harness/program.ts";
import { emptyDirectory, type FakeDirectory } from "./fake-az.ts";

const root = resolve(import.meta.dir, "../..");

/** Puts the fake `az` into a folder of its own, with a directory in a file. */
export function startAz(changes: Partial<FakeDirectory> = {}) {
  const folder = createFolder();
  const file = join(folder, "directory.json");
  writeFileSync(file, JSON.stringify({ ...emptyDirectory, ...changes }));
  const bun = join(root, "node_modules/.bin/bun");
  const az = join(folder, "az");
  writeFileSync(az, `#!/bin/sh\nexec "${bun}" "${join(import.meta.dir, "fake-az.ts")}" "$@"\n`);
  chmodSync(az, 0o755);
  const read = () => JSON.parse(readFileSync(file, "utf8")) as FakeDirectory;
  return {
    environment: { PATH: `${folder}:${process.env["PATH"] ?? ""}`, FAKE_AZ_STATE: file },
    read,
    /** Changes the directory as others do. */
    change(change: (directory: FakeDirectory) => void): void {
      const directory = read();
      change(directory);
      writeFileSync(file, JSON.stringify(directory));
    },
    /** The requests since the last look that change something. */
    takeChanges(): string[] {
      const { log } = read();
      this.change((directory) => (directory.log = []));
      return log
        .filter(({ words }) => words.includes("POST") || words.includes("PATCH"))
        .map(({ words }) => words.join(" "));
    },
  };
}
