import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { signOut } from "../../lib/auth/client/sign-out.ts";
import { openTokenCache } from "../../lib/auth/client/token-cache.ts";
import { catchAppError, makeClock, makeFolder, makeLog } from "./fixtures.ts";

const empty = JSON.stringify({ AccessToken: {} });

async function readLocked(options: Parameters<typeof openTokenCache>[0]): Promise<string | undefined> {
  const locked = await openTokenCache(options).lock({});
  try {
    return await locked.read();
  } finally {
    await locked.release();
  }
}

async function writeLocked(path: string, text: string): Promise<void> {
  const locked = await openTokenCache({ path }).lock({});
  try {
    await locked.write(text);
  } finally {
    await locked.release();
  }
}

describe("the token cache", () => {
  test("has mode 0600 from its creation, whatever the umask, and leaves nothing beside it", async () => {
    using folder = makeFolder();
    const path = join(folder.path, "cache.json");
    const umask = process.umask(0);
    try {
      await writeLocked(path, empty);
    } finally {
      process.umask(umask);
    }
    // Nothing ever changes a mode here, so the file had this one when it was created under its first name.
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder.path)).toEqual(["cache.json"]);
    expect(await readLocked({ path })).toBe(empty);
  });

  test("replaces the file in one step", async () => {
    using folder = makeFolder();
    const path = join(folder.path, "cache.json");
    await writeLocked(path, empty);
    const before = statSync(path).ino;
    await writeLocked(path, empty);
    expect(statSync(path).ino).not.toBe(before);
  });

  test.each([
    ["garbage", "garbage"],
    ["an array", "[]"],
    ["a section that is no object", '{"AccessToken":[]}'],
    ["an entry that is no object", '{"RefreshToken":{"a":null}}'],
    ["half of a file", '{"AccessToken":{"a":{"secret":"x'],
  ])("sets %s aside, loses nothing and warns", async (_title, text) => {
    using folder = makeFolder();
    const path = join(folder.path, "cache.json");
    const log = makeLog();
    const clock = makeClock();
    for (let round = 0; round < 2; round++) {
      writeFileSync(path, text, { mode: 0o600 });
      expect(await openTokenCache({ path, log, clock }).peek()).toBeUndefined();
      expect(existsSync(path)).toBeTrue();
      expect(await readLocked({ path, log, clock })).toBeUndefined();
    }
    const names = readdirSync(folder.path);
    expect(names).toHaveLength(2);
    for (const name of names) {
      expect(name).toMatch(/^cache\.json\.corrupt-\d{8}T\d{6}\.\d{3}Z(-1)?$/);
      expect(readFileSync(join(folder.path, name), "utf8")).toBe(text);
    }
    expect(log.lines).toHaveLength(2);
    expect(log.lines[0]).toStartWith("warn: ");
  });

  test.each([0o644, 0o640, 0o604, 0o660])("does not trust a file with mode %o", async (mode) => {
    using folder = makeFolder();
    const path = join(folder.path, "cache.json");
    const log = makeLog();
    writeFileSync(path, empty);
    chmodSync(path, mode);
    const peekLog = makeLog();
    expect(await openTokenCache({ path, log: peekLog }).peek()).toBeUndefined();
    expect(peekLog.lines.join()).toContain("open to other users; it is not used");
    expect(await readLocked({ path, log })).toBeUndefined();
    const [name = ""] = readdirSync(folder.path);
    expect(name).toContain(".corrupt-");
    expect(statSync(join(folder.path, name)).mode & 0o777).toBe(0o600);
    expect(log.lines.join()).toContain("open to other users");
  });

  // Only root can give a file to somebody else.
  test.skipIf(process.getuid?.() !== 0)("does not trust another user's file", async () => {
    using folder = makeFolder();
    const path = join(folder.path, "cache.json");
    const log = makeLog();
    writeFileSync(path, empty, { mode: 0o600 });
    chownSync(path, 12_345, 12_345);
    expect(await openTokenCache({ path }).peek()).toBeUndefined();
    expect(await readLocked({ path, log })).toBeUndefined();
    expect(log.lines.join()).toContain("belongs to another user");
  });

  test("refuses a symbolic link, also a dangling one, and leaves its target alone", async () => {
    using folder = makeFolder();
    const target = join(folder.path, "target");
    writeFileSync(target, empty, { mode: 0o600 });
    symlinkSync(target, join(folder.path, "link"));
    symlinkSync(join(folder.path, "gone"), join(folder.path, "dangling"));
    for (const name of ["link", "dangling"]) {
      const path = join(folder.path, name);
      for (const run of [
        () => openTokenCache({ path }).peek(),
        () => readLocked({ path }),
        () => signOut(path),
      ]) {
        const error = await catchAppError(run);
        expect([error.code, error.exitCode]).toEqual(["cache_unusable", 2]);
        expect(error.message).toContain("is a symbolic link");
      }
    }
    expect(readFileSync(target, "utf8")).toBe(empty);
  });

  test("refuses a folder", async () => {
    using folder = makeFolder();
    const path = join(folder.path, "cache.json");
    mkdirSync(path);
    const error = await catchAppError(() => openTokenCache({ path }).peek());
    expect(error.message).toContain("is a folder");
    expect(error.hint).toContain("--token-cache");
  });

  test("takes a file that is too large for corrupt", async () => {
    using folder = makeFolder();
    const path = join(folder.path, "cache.json");
    writeFileSync(path, JSON.stringify({ x: "x".repeat(5_000_000) }), { mode: 0o600 });
    expect(await openTokenCache({ path }).peek()).toBeUndefined();
    expect(await readLocked({ path })).toBeUndefined();
  });

  test("does not write when its lock was taken over", async () => {
    using folder = makeFolder();
    const path = join(folder.path, "cache.json");
    const log = makeLog();
    const locked = await openTokenCache({ path, log }).lock({});
    writeFileSync(`${path}.lock`, "somebody else's");
    await locked.write(empty);
    await locked.release();
    expect(existsSync(path)).toBeFalse();
    expect(readFileSync(`${path}.lock`, "utf8")).toBe("somebody else's");
    expect(log.lines.join()).toContain("was not written");
  });
});

describe("signOut", () => {
  test("removes the cache and says whether there was one", async () => {
    using folder = makeFolder();
    const path = join(folder.path, "cache.json");
    expect(await signOut(path)).toBeFalse();
    expect(await signOut(join(folder.path, "nowhere", "cache.json"))).toBeFalse();
    await writeLocked(path, empty);
    expect(await signOut(path)).toBeTrue();
    writeFileSync(path, "garbage", { mode: 0o600 });
    expect(await signOut(path)).toBeTrue();
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("waits for whoever holds the lock", async () => {
    using folder = makeFolder();
    const path = join(folder.path, "cache.json");
    await writeLocked(path, empty);
    const locked = await openTokenCache({ path }).lock({});
    const signedOut = signOut(path);
    await locked.write(JSON.stringify({ Account: {} }));
    expect(existsSync(path)).toBeTrue();
    await locked.release();
    expect(await signedOut).toBeTrue();
    expect(existsSync(path)).toBeFalse();
  });
});
