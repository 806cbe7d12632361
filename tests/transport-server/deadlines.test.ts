import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { createDeadlines } from "../../lib/transport/server/deadlines.ts";

describe("deadlines", () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  test("call back those who waited too long, each at its own time", () => {
    const deadlines = createDeadlines(100);
    const late: string[] = [];
    deadlines.begin(() => late.push("first"));
    jest.advanceTimersByTime(60);
    deadlines.begin(() => late.push("second"));
    jest.advanceTimersByTime(39);
    expect(late).toEqual([]);
    jest.advanceTimersByTime(2);
    expect(late).toEqual(["first"]);
    jest.advanceTimersByTime(57);
    expect(late).toEqual(["first"]);
    jest.advanceTimersByTime(3);
    expect(late).toEqual(["first", "second"]);
  });

  test("do not call back those who were in time", () => {
    const deadlines = createDeadlines(100);
    const late: string[] = [];
    const end = deadlines.begin(() => late.push("first"));
    deadlines.begin(() => late.push("second"));
    end();
    jest.advanceTimersByTime(1000);
    expect(late).toEqual(["second"]);
  });

  test("need one timer, and none when nobody waits any more", () => {
    const deadlines = createDeadlines(100);
    for (let count = 0; count < 1000; count++) deadlines.begin(() => {})();
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(200);
    expect(jest.getTimerCount()).toBe(0);
  });
});
