import { chmodSync, readdirSync, utimesSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { runCommand } from "./lock.ts";
import type { Target } from "./targets.ts";

/** Packs a folder so that the same contents give the same bytes: fixed order, times, owners and modes. */
export function packFolder(folder: string, { archive }: Target, builtAt: Date): string {
  const file = `${folder}.${archive}`;
  const [parent, name] = [dirname(folder), basename(folder)];
  const names = readdirSync(folder).toSorted();
  // Whoever builds may have another umask.
  chmodSync(folder, 0o755);
  for (const entry of names) {
    const path = join(folder, entry);
    chmodSync(path, /^mcp-[a-z]+(?:\.exe)?$/.test(entry) ? 0o755 : 0o644);
    utimesSync(path, builtAt, builtAt);
  }
  if (archive === "zip") {
    // A zip file holds local times, and with -X neither owners nor further times.
    const env = { TZ: "UTC" };
    runCommand(["zip", "-q", "-X", "-9", file, ...names.map((entry) => join(name, entry))], {
      cwd: parent,
      env,
    });
    return file;
  }
  const owner = ["--owner=0", "--group=0", "--numeric-owner", "--sort=name", "--format=ustar"];
  const time = `--mtime=@${Math.floor(builtAt.getTime() / 1000)}`;
  const tar = file.replace(/\.gz$/, "");
  runCommand(["tar", ...owner, time, "--mode=u+rw,go+r,go-w", "-cf", tar, "-C", parent, name]);
  runCommand(["gzip", "--no-name", "--force", "-6", tar]);
  return file;
}
