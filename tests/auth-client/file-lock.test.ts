import { describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { takeFileLock } from "../../lib/auth/client/file-lock.ts";
import { catchAppError, makeClock, makeFolder } from "./fixtures.ts";

const lockModule = join(import.meta.dir, "../../lib/auth/client/file-lock.ts");

async function findDeadPid(): Promise<number> {
  const child = Bun.spawn(["true"]);
  await child.exited;
  return child.pid;
}

function writeLock(path: string, owner: Partial<Record<string, unknown>>): void {
  const base = { pid: process.pid, host: hostname(), takenAtMs: Date.now(), nonce: "other" };
  writeFileSync(path, JSON.stringify({ ...base, ...owner }));
}

/** A clock that moves by itself whenever it is read, so that waiting ends. */
function makeRunningClock(stepMs: number) {
  let nowMs = Date.now();
  return { nowMs: () => (nowMs += stepMs) };
}

describe("takeFileLock", () => {
  test("keeps a second one out until the first lets go", async () => {
    using folder = makeFolder();
    const path = join(folder.path, "lock");
    const first = await takeFileLock(path, {});
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const waiting = Promise.withResolvers<void>();
    let hasSecond = false;
    const second = takeFileLock(path, { onWait: waiting.resolve }).then((lock) => {
      hasSecond = true;
      return lock;
    });
    await waiting.promise;
    expect(hasSecond).toBeFalse();
    expect(await first.isHeld()).toBeTrue();
    await first.release();
    expect(await first.isHeld()).toBeFalse();
    await (await second).release();
    await first.release();
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("lets one in at a time when many come at once over a dead owner's lock", async () => {
    using folder = makeFolder();
    const path = join(folder.path, "lock");
    writeLock(path, { pid: await findDeadPid() });
    let inside = 0;
    let most = 0;
    const enter = async () => {
      const lock = await takeFileLock(path, {});
      most = Math.max(most, ++inside);
      await Bun.file(path).text();
      inside--;
      await lock.release();
    };
    await Promise.all(Array.from({ length: 8 }, enter));
    expect(most).toBe(1);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("takes over the lock of a dead process", async () => {
    using folder = makeFolder();
    const path = join(folder.path, "lock");
    writeLock(path, { pid: await findDeadPid() });
    const lock = await takeFileLock(path, {});
    expect(await lock.isHeld()).toBeTrue();
    await lock.release();
  });

  test("takes over a lock that is older than any honest owner needs, by what it says or by its date", async () => {
    using folder = makeFolder();
    const path = join(folder.path, "lock");
    writeLock(path, { takenAtMs: Date.now() - 61_000 });
    await (await takeFileLock(path, {})).release();
    writeLock(path, { host: "another-machine", takenAtMs: Date.now() - 61_000 });
    await (await takeFileLock(path, {})).release();
    writeFileSync(path, "");
    utimesSync(path, new Date(Date.now() - 61_000), new Date(Date.now() - 61_000));
    await (await takeFileLock(path, {})).release();
    expect(existsSync(path)).toBeFalse();
  });

  test.each([
    ["a living owner", {}],
    [
      "an owner on another machine whose process is not known here",
      { host: "another-machine", pid: 999_999_999 },
    ],
  ])("waits for %s and then names the file", async (_title, owner) => {
    using folder = makeFolder();
    const path = join(folder.path, "lock");
    const clock = makeRunningClock(20_000);
    writeLock(path, { ...owner, takenAtMs: Date.now() + 60_000 });
    const error = await catchAppError(() => takeFileLock(path, { clock }));
    expect([error.code, error.exitCode]).toEqual(["cache_unusable", 2]);
    expect(error.message).toContain(path);
    expect(JSON.parse(readFileSync(path, "utf8")).nonce).toBe("other");
  });

  test("stops waiting at once when the caller aborts", async () => {
    using folder = makeFolder();
    const path = join(folder.path, "lock");
    writeLock(path, {});
    const abort = new AbortController();
    const reason = new Error("stop");
    const lock = takeFileLock(path, {
      signal: abort.signal,
      onWait: () => abort.abort(reason),
      clock: makeClock(),
    });
    await expect(lock).rejects.toBe(reason);
  });

  test("says so when the file cannot be created", async () => {
    using folder = makeFolder();
    const error = await catchAppError(() => takeFileLock(join(folder.path, "nowhere", "lock"), {}));
    expect(error.code).toBe("cache_unusable");
    expect(error.message).toContain("folder that does not exist");
  });

  test.each([
    ["a link to a file that never ends", (path: string) => symlinkSync("/dev/zero", path)],
    ["a pipe", (path: string) => void Bun.spawnSync(["mkfifo", path])],
    ["a folder", (path: string) => mkdirSync(path)],
  ])("refuses at once what somebody put in its place: %s", async (_, plant) => {
    using folder = makeFolder();
    const path = join(folder.path, "lock");
    plant(path);
    expect((await catchAppError(() => takeFileLock(path, {}))).code).toBe("cache_unusable");
    expect(readdirSync(folder.path)).toEqual(["lock"]);
  });

  // A shell limits the size of files in this way on Linux.
  test.skipIf(process.platform !== "linux")("leaves no lock behind that could not be written", async () => {
    using folder = makeFolder();
    const path = join(folder.path, "lock");
    const script = `import { takeFileLock } from ${JSON.stringify(lockModule)};
      await takeFileLock(${JSON.stringify(path)}, {}).catch(({ code }) => console.log(code));`;
    // A limit of no bytes at all is the full disk of one process.
    const limited = ["sh", "-c", 'ulimit -f 0; trap "" XFSZ; exec "$0" -e "$1"', process.execPath, script];
    const { stdout } = Bun.spawnSync(limited, { stderr: "ignore" });
    expect(stdout.toString()).toBe("cache_unusable\n");
    expect(readdirSync(folder.path)).toEqual([]);
  });
});
