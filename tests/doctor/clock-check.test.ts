import { describe, expect, test } from "bun:test";
import type { Clock } from "../../lib/base/clock.ts";
import type { Examination, ExaminedSettings } from "../../lib/doctor/check.ts";
import { clockCheck } from "../../lib/doctor/clock-check.ts";
import { createNotedFetch } from "../../lib/doctor/noted-fetch.ts";

const minutes = 60_000;
const server = "https://mcp.contoso.com";
const login = "https://login.microsoftonline.com";

function check(ahead: Readonly<Record<string, number>>) {
  const dates = new Map(Object.entries(ahead).map(([origin, aheadMs]) => [origin, { aheadMs }]));
  const examination: Examination = {
    settings: {} as ExaminedSettings,
    url: new URL(server),
    facts: { dates },
  };
  return clockCheck.run(examination, {});
}

describe("the clock", () => {
  test("is right where everybody is within a minute", async () => {
    expect(await check({ [server]: 59_000, [login]: -59_000 })).toMatchObject({ status: "ok" });
  });

  test("is not judged where nobody sent a date", async () => {
    expect(await check({})).toMatchObject({ status: "skipped" });
  });

  test("of this machine is wrong where two others agree against it", () => {
    const off = { [server]: 10 * minutes, [login]: 10 * minutes + 900 };
    const wanted = {
      code: "invalid_config",
      message: "This machine's clock is 10 minutes behind that of the others.",
      hint: expect.stringContaining("NTP"),
    };
    expect(() => check(off)).toThrow(expect.objectContaining(wanted));
    const ahead = { [server]: -10 * minutes, [login]: -10 * minutes };
    expect(() => check(ahead)).toThrow(/10 minutes ahead of that/);
  });

  test("of the server is wrong where the sign-in service agrees with this machine", () => {
    const wanted = { code: "server_failed", hint: expect.stringContaining("operator") };
    expect(() => check({ [login]: 0, [server]: 61_000 })).toThrow(expect.objectContaining(wanted));
    expect(() => check({ [login]: 0, [server]: 61_000 })).toThrow(
      /"https:\/\/mcp.contoso.com" is 61 s ahead of/,
    );
  });

  test("is not said to be this machine's where the others differ among themselves", () => {
    expect(() => check({ [server]: 10 * minutes, [login]: -10 * minutes })).toThrow(/clock of "https/);
  });
});

describe("the noted date", () => {
  const nowMs = Date.parse("2026-11-23T12:00:00Z");
  const clock: Clock = { nowMs: () => nowMs };

  async function note(headers: Record<string, string>) {
    using answering = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: () => new Response("", { headers }),
    });
    const dates = new Map<string, { aheadMs: number }>();
    await createNotedFetch(dates, clock)(answering.url.href, {});
    return dates.get(answering.url.origin)?.aheadMs;
  }

  test("is compared with the middle of the exchange", async () => {
    expect(await note({ date: "Mon, 23 Nov 2026 12:10:00 GMT" })).toBe(600_500);
  });

  test("counts the time that an answer waited in a cache", async () => {
    expect(await note({ date: "Mon, 23 Nov 2026 11:50:00 GMT", age: "600" })).toBe(500);
  });

  test("is none where it is no date", async () => {
    expect(await note({ date: "yesterday" })).toBeUndefined();
  });
});
