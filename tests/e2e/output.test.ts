import { closeSync, constants, openSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "bun:test";
import { recordText } from "../harness/recorder.ts";
import { createFolder } from "../harness/program.ts";

const client = resolve(import.meta.dir, "../../dist/mcp-client");

/** The writing end of a pipe that nobody reads any more. */
function openBrokenPipe(): number {
  const path = join(createFolder(), "pipe");
  Bun.spawnSync(["mkfifo", path]);
  const reading = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writing = openSync(path, constants.O_WRONLY);
  closeSync(reading);
  return writing;
}

function runWith(args: readonly string[], stdout: number) {
  const { exitCode, stderr } = Bun.spawnSync([client, ...args], { stdout, stderr: "pipe", env: {} });
  closeSync(stdout);
  const text = stderr.toString();
  recordText(`mcp-client ${args.join(" ")} with broken output`, text);
  return { exitCode, stderr: text };
}

describe.skipIf(process.platform === "win32")("output that cannot be written", () => {
  test.each([["--help"], ["--version"]])("%s ends in silence when nobody reads it", (flag) => {
    expect(runWith([flag], openBrokenPipe())).toEqual({ exitCode: 0, stderr: "" });
  });

  test.skipIf(process.platform !== "linux").each([["--help"], ["--version"]])(
    "%s on a full disk is one sentence and exit code 1",
    (flag) => {
      const { exitCode, stderr } = runWith([flag], openSync("/dev/full", "w"));
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/^(mcp-client: )?Standard output cannot be written \(ENOSPC\)\.\n.*\n$/);
    },
  );
});
