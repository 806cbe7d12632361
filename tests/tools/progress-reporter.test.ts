import { afterEach, describe, expect, jest, test } from "bun:test";
import { createProgressReporter } from "../../lib/tools/progress-reporter.ts";

/** A reporter with a clock that the timers follow, and what passed it when. */
function open() {
  jest.useFakeTimers();
  const clock = { now: 1000, nowMs: () => clock.now };
  const passed: { readonly progress: number; readonly atMs: number }[] = [];
  const send = ({ progress }: { readonly progress: number }) => passed.push({ progress, atMs: clock.now });
  const reporter = createProgressReporter(send, clock);
  const wait = (ms: number) => {
    for (let passedMs = 0; passedMs < ms; passedMs++) {
      clock.now++;
      jest.advanceTimersByTime(1);
    }
  };
  return { reporter, passed, wait, values: () => passed.map(({ progress }) => progress) };
}

describe("the progress of a tool", () => {
  afterEach(() => void jest.useRealTimers());

  test("passes at once while it is rare", () => {
    const { reporter, values, wait } = open();
    for (let progress = 0; progress < 20; progress++) {
      reporter.report({ progress });
      wait(200);
    }
    expect(values()).toEqual(Array.from({ length: 20 }, (_, index) => index));
    reporter.close();
  });

  test("of a thousand updates a second passes ten times in any second at most, and grows", () => {
    const { reporter, passed, values, wait } = open();
    for (let progress = 0; progress < 5000; progress++) {
      reporter.report({ progress });
      wait(1);
    }
    reporter.close();
    for (const { atMs } of passed.slice(0, -1)) {
      const within = passed.slice(0, -1).filter((other) => other.atMs >= atMs && other.atMs < atMs + 1000);
      expect(within.length).toBeLessThanOrEqual(10);
    }
    expect(passed.length).toBeGreaterThan(25);
    expect(values()).toEqual(values().toSorted((a, b) => a - b));
    expect(values().at(-1)).toBe(4999);
  });

  test("ends with the last update, however fast it came", () => {
    const { reporter, values } = open();
    for (let progress = 0; progress < 100; progress++) reporter.report({ progress });
    expect(values()).toEqual([0, 1, 2, 3, 4]);
    reporter.close();
    expect(values()).toEqual([0, 1, 2, 3, 4, 99]);
  });

  test("that was held back passes when there is time", () => {
    const { reporter, values, wait } = open();
    for (let progress = 0; progress < 7; progress++) reporter.report({ progress });
    wait(199);
    expect(values()).toHaveLength(5);
    wait(1);
    expect(values()).toEqual([0, 1, 2, 3, 4, 6]);
    reporter.close();
    expect(values()).toHaveLength(6);
  });

  test.each(["close", "drop"] as const)("is over after %s, and no timer is left", (end) => {
    const { reporter, values } = open();
    for (let progress = 0; progress < 7; progress++) reporter.report({ progress });
    reporter[end]();
    reporter.report({ progress: 100 });
    expect(values()).toEqual(end === "close" ? [0, 1, 2, 3, 4, 6] : [0, 1, 2, 3, 4]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test.each([[0], [-1], [Number.NaN], [Number.POSITIVE_INFINITY]])(
    "that does not grow is left out: %p",
    (next) => {
      const { reporter, values } = open();
      reporter.report({ progress: 0 });
      reporter.report({ progress: next });
      reporter.close();
      expect(values()).toEqual([0]);
    },
  );
});
