import { describe, expect, test } from "bun:test";
import { createMilestones } from "../../lib/web/page/state/announcements.ts";
import { type Call, type Calls, fractionOf, reduceCalls } from "../../lib/web/page/state/calls.ts";
import { renewalDelayMs } from "../../lib/web/page/state/renewal-delay.ts";

const tool = {
  name: "t",
  title: "T",
  description: "",
  inputSchema: { type: "object" },
  outputSchema: { type: "object" },
  annotations: {},
} as const;

function start(calls: Calls, id: string): Calls {
  const call: Call = {
    id,
    number: 1,
    tool,
    args: {},
    startedAtMs: 0,
    outcome: { kind: "running", progress: undefined },
  };
  return reduceCalls(calls, { type: "start", call });
}

const cancel = (calls: Calls, id: string) =>
  reduceCalls(calls, { type: "end", id, atMs: 5, outcome: { kind: "cancelled" } });

describe("the calls of a visit", () => {
  test("keep what comes late from changing a call that has ended", () => {
    const ended = cancel(start([], "a"), "a");
    const late = reduceCalls(ended, { type: "progress", id: "a", progress: { progress: 1 } });
    expect(late).toEqual(ended);
    const result = { content: [], structuredContent: {} };
    expect(reduceCalls(late, { type: "end", id: "a", atMs: 9, outcome: { kind: "done", result } })).toEqual(
      ended,
    );
  });

  test("stand newest first, and running ones survive clearing", () => {
    const calls = cancel(start(start([], "a"), "b"), "a");
    expect(calls.map(({ id }) => id)).toEqual(["b", "a"]);
    expect(reduceCalls(calls, { type: "clear" }).map(({ id }) => id)).toEqual(["b"]);
  });

  test("forget the oldest finished ones beyond a hundred, and no running one", () => {
    let calls = start([], "running");
    for (let index = 0; index < 150; index++) calls = cancel(start(calls, `${index}`), `${index}`);
    calls = start(calls, "last");
    expect(calls).toHaveLength(102);
    expect(calls.at(-1)?.id).toBe("running");
  });
});

test.each([
  [undefined, undefined],
  [{ progress: 1 }, undefined],
  [{ progress: 1, total: 0 }, undefined],
  [{ progress: 1, total: 4 }, 0.25],
  [{ progress: 9, total: 4 }, 1],
])("%j is a fraction of %p", (progress, fraction) => {
  expect(fractionOf(progress)).toBe(fraction);
});

test("quarters are read out, three seconds apart at least, and the end is not", () => {
  let nowMs = 0;
  const milestone = createMilestones(() => nowMs);
  const said = [0, 0.2, 0.3, 0.4, 0.6, 0.9, 1].map((fraction) => {
    nowMs += 2000;
    return milestone(fraction);
  });
  expect(said).toEqual([undefined, undefined, 30, undefined, 60, undefined, undefined]);
});

test.each([
  ["an hour", 3600, 3310],
  ["what MSAL keeps a little longer", 310, 155],
  ["a minute", 60, 30],
  ["seconds", 4, 15],
  ["nothing", -10, 15],
])("a token that has %s left is renewed in time, and never in a hurry", (_, leftSeconds, delaySeconds) => {
  expect(renewalDelayMs({ expiresAtMs: 1000 * leftSeconds }, 0)).toBe(1000 * delaySeconds);
});
