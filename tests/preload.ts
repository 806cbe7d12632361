import { afterAll, expect } from "bun:test";
import { spawnSync } from "node:child_process";
import { countRecorded, findLeaks } from "./harness/recorder.ts";

// A bare `bun test` works from a clean clone: make builds the binaries whose sources are newer.
const built = spawnSync("make", ["--silent", "build"], { stdio: ["ignore", "inherit", "inherit"] });
if (built.status !== 0) throw new Error("The binaries could not be built; see the lines above.");

// Runs once, after all tests: nothing that any program printed may hold a secret that a dev tenant minted.
afterAll(() => {
  const { texts, secrets } = countRecorded();
  if (texts === 0) return;
  process.stderr.write(`Searched ${texts} outputs for ${secrets} secrets.\n`);
  expect(findLeaks()).toEqual([]);
});
