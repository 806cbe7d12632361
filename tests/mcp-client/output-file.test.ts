import { describe, expect, test } from "bun:test";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkOutputFile, writeOutputFile, writeOutputFiles } from "../../cmd/mcp-client/output-file.ts";
import { failureOf } from "../transport-client/settled.ts";

const createFolder = () => mkdtempSync(join(tmpdir(), "mcp-entra-output-"));

describe("before the call", () => {
  test("a new file is fine, also with force", async () => {
    const path = join(createFolder(), "new.txt");
    await checkOutputFile(path, false);
    await checkOutputFile(path, true);
    expect(readdirSync(join(path, ".."))).toEqual([]);
  });

  test("a file that exists is refused, and with force it is not", async () => {
    const path = join(createFolder(), "old.txt");
    writeFileSync(path, "old");
    const error = await failureOf(checkOutputFile(path, false));
    expect([error.code, error.message]).toEqual(["usage", expect.stringContaining("exists already")]);
    await checkOutputFile(path, true);
  });

  test.each([false, true])("a folder and a link are refused, force %p", async (force) => {
    const folder = createFolder();
    mkdirSync(join(folder, "folder"));
    symlinkSync("/nowhere", join(folder, "link"));
    for (const name of ["folder", "link"]) {
      const error = await failureOf(checkOutputFile(join(folder, name), force));
      expect([error.code, error.message]).toEqual(["usage", expect.stringContaining("not a regular file")]);
    }
  });

  test("a folder that is missing is refused", async () => {
    const error = await failureOf(checkOutputFile(join(createFolder(), "no", "file"), false));
    expect(error.message).toContain("does not exist");
  });
});

describe("after the call", () => {
  test("a file that came to be meanwhile stays as it is", async () => {
    const path = join(createFolder(), "file");
    writeFileSync(path, "old");
    expect((await failureOf(writeOutputFile(path, "new", false))).code).toBe("output_failed");
    expect(readFileSync(path, "utf8")).toBe("old");
  });

  test("a link that came to be meanwhile is not followed", async () => {
    const folder = createFolder();
    writeFileSync(join(folder, "target"), "old");
    symlinkSync(join(folder, "target"), join(folder, "link"));
    await failureOf(writeOutputFile(join(folder, "link"), "new", false));
    await failureOf(writeOutputFile(join(folder, "link"), "new", true));
    expect(readFileSync(join(folder, "target"), "utf8")).toBe("old");
  });

  test("force replaces a file in one step and leaves nothing beside it", async () => {
    const folder = createFolder();
    writeFileSync(join(folder, "file"), "old");
    await writeOutputFile(join(folder, "file"), "new", true);
    expect(readdirSync(folder)).toEqual(["file"]);
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("new");
  });

  test("the mode is what the umask leaves", async () => {
    const path = join(createFolder(), "file");
    await writeOutputFile(path, "x", false);
    expect(statSync(path).mode & 0o777).toBe(0o666 & ~process.umask());
  });

  test("no answer fills a folder", async () => {
    const folder = createFolder();
    const bytes = Array.from({ length: 1001 }, () => new Uint8Array([1]));
    const error = await failureOf(writeOutputFiles(join(folder, "a.png"), bytes, false));
    expect(error.code).toBe("protocol_error");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("further parts get numbers and step over files that are there", async () => {
    const folder = createFolder();
    writeFileSync(join(folder, "a-2.png"), "mine");
    const bytes = [1, 2, 3].map((byte) => new Uint8Array([byte]));
    const files = await writeOutputFiles(join(folder, "a.png"), bytes, false);
    expect(files.map((file) => file.slice(folder.length + 1))).toEqual(["a.png", "a-3.png", "a-4.png"]);
    expect(readFileSync(join(folder, "a-2.png"), "utf8")).toBe("mine");
  });
});
