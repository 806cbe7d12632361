import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { createRepeatedLines } from "../../lib/transport/server/repeated-lines.ts";

describe("repeated lines of the log", () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  function open(maxLines?: number) {
    const written: string[] = [];
    const lines = createRepeatedLines({
      log: (line) => written.push(line),
      ...(maxLines === undefined ? {} : { maxLines }),
    });
    return { lines, written };
  }

  test("are written once and counted within a second", () => {
    const { lines, written } = open();
    for (let count = 0; count < 1000; count++) lines.write("bad");
    lines.write("worse");
    expect(written).toEqual(["bad", "worse"]);
    jest.advanceTimersByTime(1000);
    expect(written).toEqual(["bad", "worse", "bad (999 more times)"]);
  });

  test("are written anew after that second", () => {
    const { lines, written } = open();
    lines.write("bad");
    jest.advanceTimersByTime(1000);
    lines.write("bad");
    expect(written).toEqual(["bad", "bad"]);
  });

  test("are all written where too many differ to be counted", () => {
    const { lines, written } = open(1);
    lines.write("counted");
    lines.write("other");
    lines.write("other");
    expect(written).toEqual(["counted", "other", "other"]);
  });
});
