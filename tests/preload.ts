import { afterAll, expect } from "bun:test";
import { spawnSync } from "node:child_process";
import { countRecorded, findLeaks } from "./harness/recorder.ts";

// A bare `bun test` works from a clean clone: make builds the binaries whose sources are newer.
const built = spawnSync("make", ["--silent", "build"], { stdio: ["ignore", "inherit", "inherit"] });
if (built.status !== 0) throw new Error("The binaries could not be built; see the lines above.");

// After all tests of a worker: nothing that any program printed in it may hold a secret that was minted in it.
afterAll(() => {
  const { texts } = countRecorded();
  if (texts === 0) return;
  expect(findLeaks()).toEqual([]);
});
