import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { AppError } from "../../lib/base/errors.ts";
import type { ProgressUpdate } from "../../lib/base/events.ts";
import { type Log, silentLog } from "../../lib/base/log.ts";
import { builtInTools } from "../../lib/tools/built-in.ts";
import { randomInteger } from "../../lib/tools/random-number-tool.ts";
import { defineTool, type Tool } from "../../lib/tools/tool.ts";
import { createToolset } from "../../lib/tools/toolset.ts";

const signal = new AbortController().signal;
const toolset = createToolset(builtInTools({ reverseSeconds: 0 }), { log: silentLog });

function toolThat(run: (signal: AbortSignal, report: (u: ProgressUpdate) => void) => unknown) {
  return defineTool({
    name: "probe",
    title: "Probe",
    description: "A tool for tests.",
    input: z.strictObject({}),
    output: z.strictObject({ ok: z.boolean() }),
    async run(_, context) {
      return (await run(context.signal, context.reportProgress)) as { ok: boolean };
    },
  });
}

describe("reverse_tool", () => {
  test.each([
    ["Hello from MCP client!", "!tneilc PCM morf olleH"],
    ["", ""],
    ["🇩🇪🇫🇷", "🇫🇷🇩🇪"],
    ["e\u0301a", "ae\u0301"],
    ["👨‍👩‍👧x👍🏽", "👍🏽x👨‍👩‍👧"],
    ["a\r\nb", "b\r\na"],
    ["नमस्ते", "स्तेमन"],
  ])("reverses %j by grapheme", async (query, reversed) => {
    const result = await toolset.call("reverse_tool", { query }, { signal });
    expect(result).toEqual({
      content: [{ type: "text", text: JSON.stringify({ reversed_query: reversed }) }],
      structuredContent: { reversed_query: reversed },
      isError: false,
    });
  });

  test("reports 0 to 5 of 5, each with a message", async () => {
    const updates: ProgressUpdate[] = [];
    await toolset.call("reverse_tool", { query: "abc" }, { signal, onProgress: (u) => updates.push(u) });
    expect(updates.map((u) => [u.progress, u.total])).toEqual([0, 1, 2, 3, 4, 5].map((step) => [step, 5]));
    expect(updates.every((u) => u.message !== undefined && u.message.length > 0)).toBe(true);
  });

  test("stops at once when cancelled", async () => {
    const slow = createToolset(builtInTools({ reverseSeconds: 60 }), { log: silentLog });
    const caller = new AbortController();
    const call = slow.call(
      "reverse_tool",
      { query: "abc" },
      { signal: caller.signal, onProgress: () => caller.abort() },
    );
    await expect(call).rejects.toMatchObject({ code: "interrupted" });
  });
});

describe("random_number_tool", () => {
  test.each([
    [1, 1],
    [-3, 3],
    [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ])("picks a safe integer from %p to %p", async (min, max) => {
    for (let i = 0; i < 200; i++) {
      const { structuredContent } = await toolset.call("random_number_tool", { min, max }, { signal });
      const number = structuredContent?.["random_number"] as number;
      expect(Number.isSafeInteger(number) && number >= min && number <= max).toBe(true);
    }
  });

  test("reaches both ends and every number about equally often", () => {
    const counts = new Map<number, number>();
    for (let i = 0; i < 6000; i++) {
      const number = randomInteger(1, 6);
      counts.set(number, (counts.get(number) ?? 0) + 1);
    }
    expect([...counts.keys()].toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(40);
  });

  test("says that min is greater than max", async () => {
    const result = await toolset.call("random_number_tool", { min: 2, max: 1 }, { signal });
    expect(result.isError).toBe(true);
    expect(result.content[0]?.text).toContain("min must not be greater than max");
  });

  test.each([
    ["a fraction", { min: 1.5, max: 2 }],
    ["an unsafe integer", { min: 0, max: 2 ** 60 }],
    ["text", { min: "1", max: 2 }],
    ["nothing", {}],
    ["a further argument", { min: 1, max: 2, seed: 3 }],
    ["a list", []],
    ["null", null],
  ])("answers %s with a tool error", async (_, args) => {
    const result = await toolset.call("random_number_tool", args, { signal });
    expect(result.isError).toBe(true);
    expect(result.structuredContent).toBeUndefined();
    expect(result.content[0]?.text).toStartWith("Invalid arguments for random_number_tool");
  });
});

describe("a toolset", () => {
  test("refuses an unknown tool and names the nearest", async () => {
    const call = toolset.call("reverse_tol", {}, { signal });
    await expect(call).rejects.toMatchObject({
      code: "unknown_tool",
      message: expect.stringContaining('"reverse_tool"'),
    });
  });

  test("asks for a caller's signal where the tool waits, and only there", async () => {
    let asked = 0;
    const context = {
      get signal() {
        asked++;
        return signal;
      },
      isCancelled: () => false,
    };
    expect(toolset.callNow("random_number_tool", { min: 1, max: 2 }, context)).toMatchObject({
      isError: false,
    });
    expect(asked).toBe(0);
    await toolset.callNow("reverse_tool", { query: "ab" }, context);
    expect(asked).toBeGreaterThan(0);
  });

  test("tells a tool that waits why its caller gave up", async () => {
    const reasons: unknown[] = [];
    const caller = new AbortController();
    const tool = toolThat((own) => {
      own.addEventListener("abort", () => reasons.push(own.reason), { once: true });
      return new Promise(() => {});
    });
    const call = createToolset([tool], { log: silentLog }).call("probe", {}, { signal: caller.signal });
    const outcome = call.catch(({ code }: AppError) => code);
    caller.abort("enough");
    expect(await outcome).toBe("interrupted");
    expect(reasons).toEqual(["enough"]);
  });

  test("leaves a tool's signal alone once the tool has ended", async () => {
    const caller = new AbortController();
    let own = caller.signal;
    const tool = toolThat(async (given) => {
      own = given;
      return { ok: true };
    });
    await createToolset([tool], { log: silentLog }).call("probe", {}, { signal: caller.signal });
    caller.abort();
    expect([own === caller.signal, own.aborted]).toEqual([false, false]);
  });

  test("does not take inherited names for tools", async () => {
    await expect(toolset.call("constructor", {}, { signal })).rejects.toMatchObject({ code: "unknown_tool" });
  });

  test("hides what a tool throws and logs it under a reference", async () => {
    const lines: string[] = [];
    const log: Log = { ...silentLog, error: (line) => lines.push(line) };
    const tool = toolThat(() => {
      throw new Error("password is hunter2");
    });
    const result = await createToolset([tool], { log }).call("probe", {}, { signal });
    expect(result.isError).toBe(true);
    expect(result.content[0]?.text).not.toContain("hunter2");
    const reference = /[0-9a-f-]{36}/.exec(result.content[0]?.text ?? "")?.[0];
    expect(lines.join("\n")).toContain(reference ?? "no reference");
    expect(lines.join("\n")).toContain("hunter2");
  });

  test("shows a tool_failed error to the caller", async () => {
    const tool = toolThat(() => {
      throw new AppError("tool_failed", "The printer is on fire.");
    });
    const result = await createToolset([tool], { log: silentLog }).call("probe", {}, { signal });
    expect(result).toEqual({
      content: [{ type: "text", text: "The printer is on fire." }],
      isError: true,
      failure: "tool_failed",
    });
  });

  test("does not pass on a result that breaks the tool's own schema", async () => {
    const tool = toolThat(() => ({ ok: "yes", secret: 1 }));
    const result = await createToolset([tool], { log: silentLog }).call("probe", {}, { signal });
    expect(result.isError).toBe(true);
    expect(JSON.stringify(result)).not.toContain("secret");
  });

  test("ends a tool that ignores its signal when the time limit is reached", async () => {
    const tool = toolThat(() => new Promise(() => {}));
    const result = await createToolset([tool], { log: silentLog, timeLimitMs: 5 }).call(
      "probe",
      {},
      { signal },
    );
    expect(result.isError).toBe(true);
    expect(result.content[0]?.text).toContain("did not finish within");
  });

  test("passes on only progress that grows, and none after the result", async () => {
    const updates: number[] = [];
    let reportLater: (update: ProgressUpdate) => void = () => {};
    const tool = toolThat((_, report) => {
      reportLater = report;
      for (const progress of [1, 1, 0, Number.NaN, 2]) report({ progress });
      return { ok: true };
    });
    const calls = createToolset([tool], { log: silentLog });
    await calls.call("probe", {}, { signal, onProgress: (u) => updates.push(u.progress) });
    reportLater({ progress: 3 });
    expect(updates).toEqual([1, 2]);
  });

  test("passes on no progress of a tool that did not wait, after its result", () => {
    const updates: number[] = [];
    let reportLater: (update: ProgressUpdate) => void = () => {};
    const tool: Tool = {
      ...toolThat(() => {}),
      run(_, { reportProgress }) {
        reportProgress({ progress: 1 });
        reportLater = reportProgress;
        return { ok: true };
      },
    };
    const calls = createToolset([tool], { log: silentLog });
    const onProgress = ({ progress }: ProgressUpdate) => updates.push(progress);
    expect(calls.callNow("probe", {}, { signal, onProgress })).toMatchObject({ isError: false });
    reportLater({ progress: 2 });
    expect(updates).toEqual([1]);
  });

  test.each([
    ["new", 1, [1]],
    ["held back", 9, [1, 2, 3, 4, 5]],
  ])("passes on no progress that is %s to a caller who cancelled", async (_kind, count, passed) => {
    const updates: number[] = [];
    const caller = new AbortController();
    let reportLater: (update: ProgressUpdate) => void = () => {};
    const tool = toolThat((_, report) => {
      reportLater = report;
      for (let progress = 1; progress <= count; progress++) report({ progress });
      return new Promise(() => {});
    });
    const onProgress = ({ progress }: ProgressUpdate) => updates.push(progress);
    const calls = createToolset([tool], { log: silentLog, clock: { nowMs: () => 0 } });
    const call = calls.call("probe", {}, { signal: caller.signal, onProgress });
    caller.abort();
    expect(await call.catch(({ code }: AppError) => code)).toBe("interrupted");
    reportLater({ progress: 10 });
    expect(updates).toEqual(passed);
  });

  test("refuses two tools of one name and names that are none", () => {
    const tool = toolThat(() => ({ ok: true }));
    expect(() => createToolset([tool, tool], { log: silentLog })).toThrow('"probe"');
    expect(() => createToolset([{ ...tool, name: "a b" }], { log: silentLog })).toThrow('"a b"');
  });
});
