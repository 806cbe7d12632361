import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { readPrompt } from "../../cmd/mcp-agent/prompt-source.ts";
import type { Io } from "../../lib/config/run-program.ts";
import { createFolder } from "../harness/program.ts";

function openIo(): Io {
  const stdin = Object.assign(Readable.from([]), { isTTY: true });
  return { stdin, folder: createFolder() } as unknown as Io;
}

test("a prompt comes from a file", async () => {
  const io = openIo();
  writeFileSync(join(io.folder, "p.txt"), "hé\n");
  expect(await readPrompt("@p.txt", io, {})).toBe("hé");
});

test.each([
  ["@missing", "cannot be read"],
  ["@.", "cannot be read"],
  ["@/dev/zero", "cannot be read"],
  ["@long", "longer than 1 MiB"],
])("%s is refused: %s", async (given, fault) => {
  const io = openIo();
  writeFileSync(join(io.folder, "long"), "x".repeat(2_000_000));
  const refused = readPrompt(given, io, {});
  await expect(refused).rejects.toMatchObject({ code: "usage", message: expect.stringContaining(fault) });
});

test("a pipe at whose other end nobody is can be interrupted", async () => {
  const io = openIo();
  const path = join(io.folder, "pipe");
  expect(Bun.spawnSync(["mkfifo", path]).exitCode).toBe(0);
  const stop = new AbortController();
  const prompt = readPrompt(`@${path}`, io, { signal: stop.signal });
  stop.abort(new Error("stopped"));
  await expect(prompt).rejects.toThrow("stopped");
});
