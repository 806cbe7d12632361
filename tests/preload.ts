import { spawnSync } from "node:child_process";

// A bare `bun test` works from a clean clone: make builds the binaries whose sources are newer.
const built = spawnSync("make", ["--silent", "build"], { stdio: ["ignore", "inherit", "inherit"] });
if (built.status !== 0) throw new Error("The binaries could not be built; see the lines above.");
