import { afterEach, describe, expect, spyOn, test } from "bun:test";
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DeniedTokens, openDeniedTokens } from "../../lib/auth/server/denied-tokens.ts";
import type { AppError } from "../../lib/base/errors.ts";
import { silentLog } from "../../lib/base/log.ts";

const opened: DeniedTokens[] = [];
afterEach(() => {
  for (const denied of opened.splice(0)) denied.close();
});

function createFolder(): string {
  return mkdtempSync(join(tmpdir(), "mcp-entra-denied-"));
}

function writeList(text: string, path = join(createFolder(), "denied.txt")): string {
  writeFileSync(path, text);
  return path;
}

/** What was logged, and a wait for more of it. */
function createLines() {
  const lines: string[] = [];
  let next = Promise.withResolvers<void>();
  const add = (level: string) => (line: string) => {
    lines.push(`${level}: ${line}`);
    next.resolve();
    next = Promise.withResolvers<void>();
  };
  return {
    lines,
    log: { ...silentLog, info: add("info"), error: add("error") },
    async count(level: string, count: number): Promise<string> {
      for (;;) {
        const found = lines.filter((line) => line.startsWith(level));
        if (found.length >= count) return found[count - 1] ?? "";
        await next.promise;
      }
    },
  };
}

/** Opens a list that is looked at each millisecond; `ticks` waits until that happened so many times more. */
async function open(path: string) {
  const { lines, log, count } = createLines();
  let ticked = Promise.withResolvers<void>();
  const startTimer = globalThis.setInterval;
  const timers = spyOn(globalThis, "setInterval").mockImplementation(((onTick: () => void, ms: number) =>
    startTimer(() => {
      onTick();
      ticked.resolve();
      ticked = Promise.withResolvers<void>();
    }, ms)) as typeof setInterval);
  const denied = await openDeniedTokens({ path, log, intervalMs: 1 });
  timers.mockRestore();
  opened.push(denied);
  return {
    denied,
    lines,
    count,
    async ticks(times: number) {
      for (let i = 0; i < times; i++) await ticked.promise;
    },
  };
}

describe("the file of denied tokens", () => {
  test("has one id a line, with comments, blank lines and any line ends", async () => {
    const { denied } = await open(writeList("\uFEFFfirst\r\n# comment\n\n  second \n#third\nlast"));
    expect(["first", "second", "last"].filter((id) => denied.has(id))).toEqual(["first", "second", "last"]);
    for (const id of ["third", "#third", "# comment", "", "FIRST", "fir"]) expect(denied.has(id)).toBe(false);
  });

  test("may be empty", async () => {
    expect((await open(writeList(""))).denied.has("")).toBe(false);
  });

  test.each([
    ["that is not there", () => join(createFolder(), "nowhere"), /cannot be read/, "ENOENT"],
    ["that is a folder", createFolder, /cannot be read/, "Error: it is not a file"],
    ["that is a device", () => "/dev/zero", /cannot be read/, "Error: it is not a file"],
    [
      "of more than 2 MiB",
      () => {
        const path = writeList("");
        truncateSync(path, 2 * 1024 * 1024 + 1);
        return path;
      },
      /cannot be read/,
      "Error: more than 2097152 bytes",
    ],
    ["with two words in a line", () => writeList("a\nb c\nd e"), /^Line 2 of .* is no token id/, undefined],
    [
      "with a control character",
      () => writeList("a\u001B[31m"),
      /^Line 1 of [^\u001B]* is no token id/,
      undefined,
    ],
    ["with a word of 129 characters", () => writeList("a".repeat(129)), /^Line 1 of/, undefined],
    ["with a word that is not ASCII", () => writeList("\u00e9"), /^Line 1 of/, undefined],
  ])("%s keeps the server from starting", async (_, pathOf, message, detail) => {
    const opening = openDeniedTokens({ path: pathOf(), log: silentLog });
    const error = await opening.then(
      () => undefined,
      (thrown: AppError) => thrown,
    );
    expect(error).toMatchObject({ code: "invalid_config", detail, hint: expect.any(String) });
    expect(error?.message).toMatch(message);
  });

  test("may have an id of 128 characters", async () => {
    expect((await open(writeList("a".repeat(128)))).denied.has("a".repeat(128))).toBe(true);
  });
});

describe("a list that changes is read again", () => {
  test("when lines are added, and when they go", async () => {
    const path = writeList("a\n");
    const { denied, count, lines } = await open(path);
    writeList("a\nb\n", path);
    expect(await count("info", 1)).toBe(`info: Denied tokens: 2 listed in ${path}`);
    expect([denied.has("a"), denied.has("b")]).toEqual([true, true]);
    writeList("b\nc\nd\n", path);
    await count("info", 2);
    expect([denied.has("a"), denied.has("b")]).toEqual([false, true]);
    expect(lines).toHaveLength(2);
  });

  test("but not while it stays as it is", async () => {
    const { lines, ticks } = await open(writeList("a\n"));
    await ticks(20);
    expect(lines).toEqual([]);
  });

  test("when another file of the same size and time takes its name", async () => {
    const path = writeList("a\n");
    const { denied, count } = await open(path);
    const next = writeList("b\n", `${path}.new`);
    const { atime, mtime } = statSync(path);
    utimesSync(next, atime, mtime);
    renameSync(next, path);
    await count("info", 1);
    expect([denied.has("a"), denied.has("b")]).toEqual([false, true]);
  });

  test("when the folder that a link points to is exchanged, as Kubernetes does", async () => {
    const folder = createFolder();
    for (const [version, id] of [
      ["..v1", "a"],
      ["..v2", "b"],
    ] as const) {
      mkdirSync(join(folder, version));
      writeList(id, join(folder, version, "denied"));
    }
    symlinkSync("..v1", join(folder, "..data"));
    symlinkSync("..data/denied", join(folder, "denied"));
    const { denied, count } = await open(join(folder, "denied"));
    expect(denied.has("a")).toBe(true);
    symlinkSync("..v2", join(folder, "..data_tmp"));
    renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
    rmSync(join(folder, "..v1"), { recursive: true });
    await count("info", 1);
    expect([denied.has("a"), denied.has("b")]).toEqual([false, true]);
  });

  test("with lines that are no ids left out and named in the log", async () => {
    const path = writeList("a\n");
    const { denied, count } = await open(path);
    writeList("a\nno id\nb\n\u00e9\n", path);
    expect(await count("error", 1)).toBe(
      `error: Denied tokens: ${path} has lines that are no token ids, the last list stays, too: 2, 4`,
    );
    expect([denied.has("a"), denied.has("b")]).toEqual([true, true]);
  });

  test("and nobody comes back in because it was spoiled, as by a program that writes UTF-16", async () => {
    const path = writeList("a\nb\n");
    const { denied, count } = await open(path);
    writeFileSync(path, Buffer.from("a\nb\nc\n", "utf16le"));
    await count("error", 1);
    expect([denied.has("a"), denied.has("b"), denied.has("c")]).toEqual([true, true, false]);
    writeList("b\nno id\nc\n", path);
    await count("error", 2);
    expect([denied.has("a"), denied.has("b"), denied.has("c")]).toEqual([true, true, true]);
    writeList("c\n", path);
    await count("info", 3);
    expect([denied.has("a"), denied.has("b"), denied.has("c")]).toEqual([false, false, true]);
  });

  test("with the first five of a hundred thousand bad lines in the log", async () => {
    const path = writeList("a\n");
    const { count } = await open(path);
    writeList("no id\n".repeat(100_000), path);
    expect(await count("error", 1)).toEndWith(": 1, 2, 3, 4, 5 and 99995 more");
  });

  test("and the last one stays while it cannot be read, which is told once each time", async () => {
    const path = writeList("a\n");
    const { denied, count, lines, ticks } = await open(path);
    rmSync(path);
    expect(await count("error", 1)).toBe(
      `error: Denied tokens: ${path} cannot be read, the last list stays: ENOENT`,
    );
    await ticks(20);
    expect(denied.has("a")).toBe(true);
    writeList("a\nb\n", path);
    await count("info", 1);
    expect(denied.has("b")).toBe(true);
    rmSync(path);
    await count("error", 2);
    await ticks(20);
    expect(lines.filter((line) => line.startsWith("error"))).toHaveLength(2);
  });

  test("no more after it was closed, which may be done twice", async () => {
    const path = writeList("a\n");
    const closed = await open(path);
    const other = await open(path);
    closed.denied.close();
    closed.denied.close();
    writeList("a\nb\n", path);
    await other.count("info", 1);
    await other.ticks(5);
    expect([other.denied.has("b"), closed.denied.has("b")]).toEqual([true, false]);
  });
});

describe("whoever watches a token", () => {
  test("hears when it becomes denied, and of no other token", async () => {
    const path = writeList("");
    const { denied, count } = await open(path);
    const heard: string[] = [];
    denied.watch("a", () => heard.push("a"));
    denied.watch("a", () => heard.push("a too"));
    denied.watch("b", () => heard.push("b"));
    writeList("a\n", path);
    await count("info", 1);
    expect(heard).toEqual(["a", "a too"]);
  });

  test("hears at once of one that was denied since it was verified", async () => {
    const { denied } = await open(writeList("a\n"));
    const heard: string[] = [];
    denied.watch("a", () => heard.push("a"))();
    expect(heard).toEqual(["a"]);
  });

  test("hears nothing after the watch was ended, also by a callback, and others still do", async () => {
    const path = writeList("");
    const { denied, count } = await open(path);
    const heard: string[] = [];
    denied.watch("a", () => heard.push("ended"))();
    const end = denied.watch("a", () => {
      heard.push("once");
      end();
      end();
    });
    denied.watch("a", () => heard.push("always"));
    writeList("a\n", path);
    await count("info", 1);
    writeList("a\nb\n", path);
    await count("info", 2);
    expect(heard).toEqual(["once", "always", "always"]);
  });

  test("ends only its own watch, though ended twice", async () => {
    const path = writeList("");
    const { denied, count } = await open(path);
    const heard: string[] = [];
    const end = denied.watch("a", () => heard.push("first"));
    end();
    denied.watch("a", () => heard.push("second"));
    end();
    writeList("a\n", path);
    await count("info", 1);
    expect(heard).toEqual(["second"]);
  });
});
