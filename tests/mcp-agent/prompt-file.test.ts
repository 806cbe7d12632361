import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { maxPrompts, openPromptFile } from "../../cmd/mcp-agent/prompt-file.ts";
import { createFolder } from "../harness/program.ts";

function openFolder() {
  const data = createFolder();
  const folder = join(data, "mcp-entra");
  return { path: join(folder, "prompts.jsonl"), folder, file: openPromptFile({ XDG_DATA_HOME: data }) };
}

test("prompts are kept once, in order, for the user alone", async () => {
  const { path, folder, file } = openFolder();
  for (const prompt of ["one", "two\nlines", "one", " secret", ""]) await file.add(prompt);
  expect(await file.read()).toEqual(["two\nlines", "one"]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test("two programs lose nothing of each other", async () => {
  const { file } = openFolder();
  await Promise.all(["a", "b", "c", "d"].map((prompt) => file.add(prompt)));
  expect((await file.read()).toSorted()).toEqual(["a", "b", "c", "d"]);
});

test("no more than so many are kept, and none that is long", async () => {
  const { path, folder, file } = openFolder();
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, Array.from({ length: 1500 }, (_, at) => `"${at}"\n`).join(""), { mode: 0o600 });
  await file.add("x".repeat(30_000));
  await file.add("last");
  const kept = readFileSync(path, "utf8").trim().split("\n");
  expect(kept).toHaveLength(maxPrompts);
  expect(kept.at(-1)).toBe('"last"');
});

test("a file that is broken, foreign or a link is no history, and nothing breaks", async () => {
  const { path, folder, file } = openFolder();
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, '"good"\nnot json\n{"a":1}\n"\\u001b[2Jclean"\n', { mode: 0o600 });
  expect(await file.read()).toEqual(["good", "clean"]);
  chmodSync(path, 0o644);
  expect(await file.read()).toEqual([]);
  const other = openFolder();
  mkdirSync(other.folder, { recursive: true });
  symlinkSync(path, other.path);
  expect(await other.file.read()).toEqual([]);
  await openPromptFile({}).add("nowhere");
  expect(await openPromptFile({}).read()).toEqual([]);
});
