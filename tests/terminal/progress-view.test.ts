import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import type { CallEvent, CallOutcome } from "../../lib/base/events.ts";
import { createProgressView } from "../../lib/terminal/progress-view.ts";
import { hostileTexts } from "./hostile.ts";
import { Screen } from "./screen.ts";

const start = (callId: string, tool = "reverse_tool"): CallEvent => ({ type: "call_started", callId, tool });
const step = (
  callId: string,
  progress: number,
  rest: { total?: number; message?: string } = {},
): CallEvent => ({
  type: "call_progress",
  callId,
  progress,
  ...rest,
});
const end = (callId: string, outcome: CallOutcome = "done"): CallEvent => ({
  type: "call_ended",
  callId,
  outcome,
});

function openBar(columns = 80, rows = 24) {
  const screen = new Screen(columns, rows);
  let nowMs = 0;
  const clock = { nowMs: () => nowMs };
  const view = createProgressView({ stream: screen, mode: "bar", color: true, clock });
  const pass = (ms: number) => {
    for (let left = ms; left > 0; left -= 100) {
      nowMs += Math.min(100, left);
      jest.advanceTimersByTime(Math.min(100, left));
    }
  };
  return { screen, view, pass };
}

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

describe("a bar on a terminal", () => {
  test("shows tool, time, percentage, count and message in one row, drawn over and over", () => {
    const { screen, view, pass } = openBar();
    view.handle(start("1"));
    for (const done of [1, 2, 3]) {
      view.handle(step("1", done, { total: 5, message: `reversed ${done} of 5 parts` }));
      pass(1000);
    }
    expect(screen.text).toEqual([
      expect.stringMatching(/^. reverse_tool 3\.0s █{6}░{4} 60% 3\/5 reversed 3 of 5 parts$/),
    ]);
    expect(screen.isCursorVisible).toBe(false);
    view.handle(end("1"));
    pass(100);
    expect(screen.text).toEqual(["✓ reverse_tool 3.0s 3/5 reversed 3 of 5 parts"]);
    expect([screen.isCursorVisible, screen.violations]).toEqual([true, []]);
  });

  test("shows a spinner, how far it is and the message where the total is unknown", () => {
    const { screen, view, pass } = openBar();
    view.handle(start("1"));
    view.handle(step("1", 7, { message: "still searching" }));
    pass(200);
    const [before] = screen.text;
    pass(100);
    const [after] = screen.text;
    expect(after).toMatch(/^. reverse_tool 0\.3s 7 still searching$/);
    expect(before?.[0]).not.toBe(after?.[0]);
    view.close();
  });

  test("leaves nothing of a longer message under a shorter one", () => {
    const { screen, view, pass } = openBar();
    view.handle(start("1"));
    view.handle(step("1", 1, { message: "a long message" }));
    pass(100);
    view.handle(step("1", 2, { message: "short" }));
    pass(100);
    expect(screen.text[0]).toEndWith("0.2s 2 short");
    view.close();
  });

  test("shows of a server's text what remains without the terminal's commands", () => {
    const { screen, view, pass } = openBar();
    const text = "a\u001B[2J\u001B]52;c;ZXZpbA==\u0007b";
    view.handle({ type: "call_started", callId: "1", tool: text, summary: text });
    view.handle({ type: "call_started", callId: "2", tool: text });
    view.handle(step("2", 1, { message: text }));
    pass(100);
    expect(screen.text.map((row) => row.slice(2))).toEqual(["ab(ab) 0.1s", "ab 0.1s 1 ab"]);
    view.close();
  });

  test("shows several calls at once, and each that ends moves above those that run", () => {
    const { screen, view, pass } = openBar();
    view.handle(start("1", "first"));
    view.handle(start("2", "second"));
    view.handle(start("3", "third"));
    pass(100);
    expect(screen.text).toHaveLength(3);
    view.handle(end("2", "tool_error"));
    pass(100);
    expect(screen.text.map((row) => row.slice(0, 8))).toEqual([
      "✗ second",
      expect.stringContaining("first"),
      expect.stringContaining("third"),
    ]);
    view.handle(end("1", "cancelled"));
    view.handle(end("3"));
    view.close();
    expect(screen.text).toEqual([
      "✗ second 0.1s the tool reported an error",
      "✗ first 0.2s cancelled",
      "✓ third 0.2s",
    ]);
  });

  test("draws at most ten frames a second, and always the last state", () => {
    const { screen, view, pass } = openBar();
    view.handle(start("1"));
    for (let n = 1; n <= 1000; n++) {
      view.handle(step("1", n, { total: 1000 }));
      if (n % 10 === 0) pass(10);
    }
    pass(100);
    expect(screen.writes.length).toBeLessThanOrEqual(13);
    expect(screen.text[0]).toContain("100% 1000/1000");
    view.close();
  });

  test("leaves nothing behind when it is closed in the middle", () => {
    const { screen, view, pass } = openBar();
    view.handle(start("1"));
    view.handle(start("2"));
    pass(300);
    view.close();
    view.close();
    view.handle(start("3"));
    pass(1000);
    expect([screen.text, screen.isCursorVisible]).toEqual([[], true]);
  });

  test("writes nothing at all when nothing ran", () => {
    const { screen, view } = openBar();
    view.close();
    expect(screen.writes).toEqual([]);
  });

  test("keeps lines that are printed above the rows", () => {
    const { screen, view, pass } = openBar();
    view.handle(start("1"));
    view.printAbove("a notice\nof two lines\n");
    pass(100);
    expect(screen.text).toEqual(["a notice", "of two lines", expect.stringContaining("reverse_tool")]);
    view.close();
    expect(screen.text).toEqual(["a notice", "of two lines"]);
  });

  test("lets a printed line run on over several rows", () => {
    const { screen, view, pass } = openBar(20);
    for (const id of ["1", "2", "3"]) view.handle(start(id));
    pass(100);
    view.printAbove("w".repeat(50));
    pass(100);
    expect(screen.text.slice(0, 3)).toEqual(["w".repeat(20), "w".repeat(20), "w".repeat(10)]);
    view.close();
    expect(screen.text).toHaveLength(3);
  });

  test("does not draw more rows than the terminal has", () => {
    const { screen, view, pass } = openBar(80, 8);
    for (let n = 0; n < 50; n++) view.handle(start(String(n), `tool_${n}`));
    pass(500);
    expect(screen.text).toHaveLength(6);
    expect(screen.text.at(-1)).toBe("… and 45 more");
    view.close();
    expect(screen.text).toEqual([]);
  });

  test("survives a terminal that becomes narrower", () => {
    const { screen, view, pass } = openBar(80);
    view.handle(start("1"));
    view.handle(step("1", 1, { total: 2, message: "m".repeat(60) }));
    pass(100);
    screen.columns = 30;
    pass(100);
    // The terminal has broken the row of 79 columns into three.
    expect(screen.writes.at(-1)).toStartWith("\u001B[?2026h\r\u001B[3A");
    view.close();
    expect(screen.wraps).toBe(0);
  });

  test.each([
    [0, 0],
    [5, 0],
    [-1, 5],
    [7, 5],
    [Number.POSITIVE_INFINITY, 5],
    [1, Number.NaN],
    [1e308, 1e-308],
  ])("draws %d of %d without falling over", (progress, total) => {
    const { screen, view, pass } = openBar();
    view.handle(start("1"));
    view.handle(step("1", progress, { total }));
    pass(100);
    expect(screen.text).toHaveLength(1);
    expect(screen.wraps).toBe(0);
    view.close();
  });

  test("ignores events of calls that it does not know", () => {
    const { screen, view, pass } = openBar();
    view.handle(step("9", 1));
    view.handle(end("9"));
    pass(100);
    expect(screen.text).toEqual([]);
    view.close();
  });
});

describe.each([1, 5, 20, 80, 200])("on %d columns", (columns) => {
  test.each(hostileTexts)("a server that %s stays in its row", (_, text) => {
    const { screen, view, pass } = openBar(columns);
    view.handle({ type: "call_started", callId: "1", tool: text, summary: text });
    view.handle(start("2", "honest"));
    view.handle(step("1", 1, { total: 3, message: text }));
    view.handle(step("2", 1, { message: text }));
    pass(300);
    expect([screen.text.length <= 2, screen.wraps, screen.violations]).toEqual([true, 0, []]);
    view.handle(end("1"));
    pass(100);
    view.close();
    expect([screen.text.length <= 1, screen.wraps, screen.violations]).toEqual([true, 0, []]);
    expect(screen.widest).toBeLessThanOrEqual(Math.max(1, columns - 1));
    expect(Math.max(...screen.writes.map(({ length }) => length))).toBeLessThan(1000 + columns * 30);
  });
});

describe("without a terminal", () => {
  function record(mode: "auto" | "plain" | "json" | "none") {
    let text = "";
    const stream = { write: (piece: string) => void (text += piece) };
    const view = createProgressView({ stream, mode, color: false });
    return { view, text: () => text };
  }

  test.each(["auto", "plain"] as const)("%s writes one line for each update", (mode) => {
    const { view, text } = record(mode);
    view.handle(start("1"));
    view.handle(step("1", 3, { total: 5, message: "reversed 3 of 5 parts" }));
    view.handle(step("1", 4));
    view.handle(end("1"));
    view.close();
    expect(text()).toBe(
      "reverse_tool started\nreverse_tool 3/5 reversed 3 of 5 parts\nreverse_tool 4\nreverse_tool done\n",
    );
  });

  test.each(hostileTexts)("plain keeps to one line when a server %s", (_, message) => {
    const { view, text } = record("plain");
    view.handle(start("1", message));
    view.handle(step("1", 1, { message }));
    expect(text().split("\n")).toHaveLength(3);
    expect(text().length).toBeLessThan(20_000);
    expect(text()).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/);
  });

  test("plain shows what remains without the terminal's commands", () => {
    const { view, text } = record("plain");
    view.handle(start("1", "a\u001B[2Jb"));
    view.handle(step("1", 1, { message: "c\u001B[2Jd" }));
    expect(text()).toBe("ab started\nab 1 cd\n");
  });

  test("json writes the events, one JSON object a line, whatever is in them", () => {
    const { view, text } = record("json");
    const events = [start("1"), ...hostileTexts.map(([, message], n) => step("1", n, { message })), end("1")];
    for (const event of events) view.handle(event);
    const lines = text().trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(events as unknown[]);
    expect(text()).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/);
  });

  test("none writes nothing but what is printed", () => {
    const { view, text } = record("none");
    view.handle(start("1"));
    view.handle(step("1", 1));
    view.printAbove("notice");
    view.handle(end("1"));
    view.close();
    expect(text()).toBe("notice\n");
  });
});

test("auto draws rows on a terminal", () => {
  const screen = new Screen();
  const view = createProgressView({ stream: screen, mode: "auto", color: false });
  view.handle(start("1"));
  expect(screen.isCursorVisible).toBe(false);
  view.close();
  expect(screen.isCursorVisible).toBe(true);
});

test("without colour no colour is written", () => {
  const screen = new Screen();
  const view = createProgressView({ stream: screen, mode: "bar", color: false });
  view.handle(start("1"));
  view.handle(end("1"));
  view.close();
  expect(screen.writes.join("")).not.toMatch(/\u001B\[[\d;]*m/);
});
