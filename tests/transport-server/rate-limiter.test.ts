import { describe, expect, test } from "bun:test";
import { createRateLimiter, type RateLimit } from "../../lib/transport/server/rate-limiter.ts";
import { createSlots } from "../../lib/transport/server/slots.ts";

function open(rate: RateLimit, maxKeys = 100) {
  const clock = { now: 1_000_000, nowMs: () => clock.now };
  const limiter = createRateLimiter({ rate, clock, maxKeys });
  /** How many of so many attempts are let through. */
  const passed = (key: string, attempts: number) =>
    Array.from({ length: attempts }, () => limiter.take(key)).filter((wait) => wait === undefined).length;
  return { clock, limiter, passed };
}

describe("a rate limiter", () => {
  test("lets a burst through at once, then as many as come back", () => {
    const { clock, passed } = open({ perSecond: 10, burst: 20 });
    expect(passed("a", 30)).toBe(20);
    clock.now += 99;
    expect(passed("a", 30)).toBe(0);
    clock.now += 1;
    expect(passed("a", 30)).toBe(1);
    clock.now += 1000;
    expect(passed("a", 30)).toBe(10);
    clock.now += 60_000;
    expect(passed("a", 30)).toBe(20);
  });

  test.each([
    [{ perSecond: 3, burst: 7 }, 7],
    [{ perSecond: 0.1, burst: 1 }, 1],
    [{ perSecond: 200, burst: 1000 }, 1000],
  ])("%j is exact in spite of fractions", (rate, burst) => {
    const { clock, passed } = open(rate);
    expect(passed("a", burst + 5)).toBe(burst);
    clock.now += 1000 / rate.perSecond + 1;
    expect(passed("a", 2)).toBe(1);
  });

  test("tells how long to wait, one second at least", () => {
    const { clock, limiter } = open({ perSecond: 0.1, burst: 1 });
    expect(limiter.take("a")).toBeUndefined();
    expect(limiter.take("a")).toBe(10);
    clock.now += 9500;
    expect(limiter.take("a")).toBe(1);
  });

  test("does not make those wait longer who ask in vain", () => {
    const { clock, limiter, passed } = open({ perSecond: 1, burst: 1 });
    expect(passed("a", 100)).toBe(1);
    clock.now += 1000;
    expect(limiter.take("a")).toBeUndefined();
  });

  test("counts each key by itself", () => {
    const { passed } = open({ perSecond: 1, burst: 2 });
    expect([passed("a", 5), passed("b", 5)]).toEqual([2, 2]);
  });

  test("forgets full buckets", () => {
    const { clock, limiter } = open({ perSecond: 10, burst: 10 });
    for (let key = 0; key < 50; key++) limiter.take(`key ${key}`);
    expect(limiter.size()).toBe(50);
    clock.now += 100;
    limiter.take("another");
    expect(limiter.size()).toBe(1);
  });

  test("remembers a bounded number of keys, and forgets those that were unused for longest", () => {
    const { limiter, passed } = open({ perSecond: 1, burst: 5 }, 3);
    passed("a", 5);
    passed("b", 1);
    passed("c", 1);
    for (let key = 0; key < 1000; key++) limiter.take(`key ${key}`);
    expect(limiter.size()).toBe(3);
    expect(passed("a", 9)).toBe(5);
  });

  test("remembers who asked again before who did not", () => {
    const { passed } = open({ perSecond: 1, burst: 2 }, 2);
    passed("a", 1);
    passed("b", 1);
    passed("a", 1);
    passed("c", 1);
    expect([passed("a", 1), passed("b", 2)]).toEqual([0, 2]);
  });

  test("of 0 a second limits nothing", () => {
    const { limiter, passed } = open({ perSecond: 0, burst: 1 });
    expect(passed("a", 1000)).toBe(1000);
    expect(limiter.size()).toBe(0);
  });
});

describe("slots", () => {
  test("are so many for each caller, and can be given back once", () => {
    const slots = createSlots(2);
    const first = slots.take("a");
    expect(slots.take("a")).toBeDefined();
    expect(slots.take("a")).toBeUndefined();
    expect(slots.take("b")).toBeDefined();
    first?.();
    first?.();
    expect(slots.taken("a")).toBe(1);
    expect(slots.take("a")).toBeDefined();
    expect(slots.take("a")).toBeUndefined();
  });
});
