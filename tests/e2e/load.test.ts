import { describe, expect, test } from "bun:test";
import { runLoad, startLoadedServer, unlimited } from "../load/loaded-server.ts";
import type { LoadReport } from "../load/call-many.ts";
import { createReverseCall, type Era, openTarget } from "../load/mcp-requests.ts";
import { readMessages } from "../load/read-events.ts";

/** Only there /proc tells how much memory a process has: the tests of memory skip elsewhere. */
const isLinux = process.platform === "linux";

describe.each<Era>(["2025-11-25", "2026-07-28"])("in revision %s", (era) => {
  test("a thousand calls at once all finish, and each sees its own five steps in order", async () => {
    await using server = await startLoadedServer(["--reverse-seconds", "2", ...unlimited]);
    const report = (await runLoad("call-many.ts", [server.url, era, "1000"])) as LoadReport;
    expect(report).toMatchObject({ done: 1000, inOrder: 1000, statuses: { 200: 1000 } });
  }, 120_000);

  test("a server that is told to stop finishes a hundred calls, takes no new ones, and exits with 0", async () => {
    await using server = await startLoadedServer(["--reverse-seconds", "3", ...unlimited]);
    const target = await openTarget(server.url, era);
    const calls = await Promise.all(
      Array.from({ length: 100 }, (_, id) => fetch(server.url, createReverseCall(target, id, `call ${id}`))),
    );
    server.program.kill("SIGTERM");
    await server.program.waitForStderr(/Stopping/);
    const late = await fetch(server.url, createReverseCall(target, 1000, "late")).catch(() => undefined);
    expect([undefined, 503]).toContain(late?.status);
    const answers = await Promise.all(calls.map(readMessages));
    const finished = answers.filter((messages, id) => messages.at(-1)?.id === id && messages.at(-1)?.result);
    expect(finished).toHaveLength(100);
    expect((await server.program.finished).exitCode).toBe(0);
  }, 60_000);
});

describe("abandoned sessions", () => {
  /** Asks for health, which also makes the server work so that its memory is collected, until a condition holds. */
  async function waitUntil(url: string, isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await (await fetch(new URL("/healthz", url))).text();
  }

  test.skipIf(!isLinux)(
    "of one caller, ten thousand of them, take no more room than those that it may have",
    async () => {
      await using server = await startLoadedServer(unlimited);
      await runLoad("open-sessions.ts", [server.url, "1000"]);
      const before = server.readMemory();
      expect(await runLoad("open-sessions.ts", [server.url, "10000"])).toEqual({ opened: 10_000 });
      await waitUntil(server.url, () => server.readMemory() < before * 1.5);
      expect(server.readMemory() / before).toBeLessThan(1.5);
    },
    120_000,
  );

  test.skipIf(!isLinux)(
    "ten thousand of them give their memory back when they were idle for long enough",
    async () => {
      const roomy = ["--caller-sessions", "20000", "--max-sessions", "20000", "--session-idle-seconds", "3"];
      await using server = await startLoadedServer([...unlimited, ...roomy]);
      await runLoad("open-sessions.ts", [server.url, "100"]);
      const before = server.readMemory();
      expect(await runLoad("open-sessions.ts", [server.url, "10000"])).toEqual({ opened: 10_000 });
      const growth = server.readMemory() - before;
      await waitUntil(server.url, () => server.readMemory() - before < growth / 2);
      expect((server.readMemory() - before) / growth).toBeLessThan(0.5);
    },
    180_000,
  );
});
