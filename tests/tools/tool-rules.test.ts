import { afterEach, describe, expect, jest, spyOn, test } from "bun:test";
import { z } from "zod";
import { silentLog } from "../../lib/base/log.ts";
import { AppError } from "../../lib/base/errors.ts";
import { createProgressReporter } from "../../lib/tools/progress-reporter.ts";
import { randomInteger } from "../../lib/tools/random-number-tool.ts";
import { createReverseTool } from "../../lib/tools/reverse-tool.ts";
import { defineTool, type Tool } from "../../lib/tools/tool.ts";
import { createToolset } from "../../lib/tools/toolset.ts";

const never = new AbortController().signal;
const options = { log: silentLog };

function toolNamed(name: string, changes: Partial<Tool> = {}): Tool {
  return {
    ...defineTool({
      name,
      title: "T",
      description: "D",
      input: z.strictObject({}),
      output: z.strictObject({}),
      run: () => ({}),
    }),
    ...changes,
  };
}

afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

describe("a tool's definition", () => {
  test.each(["a", "A-b_c.9", "a".repeat(128)])("may have the name %s", (name) => {
    expect(createToolset([toolNamed(name)], options).list()[0]?.name).toBe(name);
  });

  test.each(["", "a".repeat(129), "a/b", "a\n", "\u00e4"])("must not have the name %j", (name) => {
    expect(() => createToolset([toolNamed(name)], options)).toThrow(
      expect.objectContaining({ code: "invalid_config" }),
    );
  });

  test("must not ask for a header, at any depth", () => {
    const input = z.strictObject({ a: z.strictObject({ b: z.string().meta({ "x-mcp-header": "B" }) }) });
    expect(() =>
      createToolset([toolNamed("a", { input: input as unknown as Tool["input"] })], options),
    ).toThrow("x-mcp-header");
  });

  test("is listed in JSON Schema, closed, always the same", () => {
    const toolset = createToolset([createReverseTool({ seconds: 0 })], options);
    const [tool] = toolset.list();
    expect(tool?.inputSchema).toMatchObject({
      type: "object",
      required: ["query"],
      additionalProperties: false,
      properties: { query: { type: "string", maxLength: 10_000 } },
    });
    expect(tool?.annotations).toEqual({ readOnlyHint: true, idempotentHint: true, openWorldHint: false });
    expect(toolset.list()).toBe(toolset.list());
    expect(createToolset([toolNamed("a")], options).list()[0]?.annotations).toEqual({});
  });
});

describe("arguments", () => {
  test("that are wrong in many ways are answered briefly", async () => {
    const shape = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`key${index}`, z.string()]));
    const input = z.strictObject(shape);
    const toolset = createToolset([toolNamed("a", { input })], options);
    const { content } = await toolset.call("a", {}, { signal: never });
    expect(content[0]?.text.match(/key\d/g)).toHaveLength(5);
    const closed = createToolset([toolNamed("a")], options);
    const stranger = await closed.call("a", { [`x${"y".repeat(9000)}`]: 1 }, { signal: never });
    expect(stranger.content[0]?.text.length).toBeLessThan(600);
  });

  test("that are absent are an empty object", async () => {
    const toolset = createToolset([toolNamed("a")], options);
    expect(await toolset.call("a", undefined, { signal: never })).toMatchObject({ isError: false });
  });

  test("of more than 10 000 characters are not reversed", async () => {
    const toolset = createToolset([createReverseTool({ seconds: 0 })], options);
    const call = (length: number) =>
      toolset.call("reverse_tool", { query: "x".repeat(length) }, { signal: never });
    expect((await call(10_000)).isError).toBe(false);
    expect((await call(10_001)).isError).toBe(true);
  });
});

describe("a call", () => {
  test("that was cancelled before it began does not run", async () => {
    let runs = 0;
    const tool = toolNamed("a", { run: () => ({ runs: ++runs }) });
    const call = createToolset([tool], options).call("a", {}, { signal: AbortSignal.abort() });
    await expect(call).rejects.toMatchObject({ code: "interrupted" });
    expect(runs).toBe(0);
  });

  test("is ended by the tool's own time limit before the toolset's, and the tool is told", async () => {
    let seen: AbortSignal | undefined;
    const tool = toolNamed("a", {
      timeLimitMs: 5,
      run(_, { signal }) {
        seen = signal;
        return new Promise(() => {});
      },
    });
    const result = await createToolset([tool], { ...options, timeLimitMs: 60_000 }).call(
      "a",
      {},
      { signal: never },
    );
    expect(result.content[0]?.text).toBe("a did not finish within 0.005 seconds and was ended.");
    expect(seen?.aborted).toBe(true);
  });

  test("may take five minutes", async () => {
    jest.useFakeTimers();
    const tool = toolNamed("a", { run: () => new Promise(() => {}) });
    const call = createToolset([tool], options).call("a", {}, { signal: never });
    jest.advanceTimersByTime(299_999);
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(1);
    expect((await call).content[0]?.text).toContain("within 300 seconds");
  });

  test("leaves no timer behind", async () => {
    jest.useFakeTimers();
    await createToolset([toolNamed("a")], options).call("a", {}, { signal: never });
    expect(jest.getTimerCount()).toBe(0);
  });

  test("hides every error of a tool but those meant for the caller", async () => {
    const tool = toolNamed("a", {
      run: () => {
        throw new AppError("unreachable", "db-7.internal is down.");
      },
    });
    const result = await createToolset([tool], options).call("a", {}, { signal: never });
    expect(result.isError).toBe(true);
    expect(result.content[0]?.text).not.toContain("db-7");
  });

  test("that is cancelled while the tool starts does not wait for a tool that ignores it", async () => {
    const caller = new AbortController();
    const tool = toolNamed("a", {
      run() {
        caller.abort();
        return new Promise(() => {});
      },
    });
    const call = createToolset([tool], options).call("a", {}, { signal: caller.signal });
    await expect(call).rejects.toMatchObject({ code: "interrupted" });
  });

  test("that was cancelled stays cancelled when the tool fails on it", async () => {
    const caller = new AbortController();
    const tool = toolNamed("a", {
      run() {
        caller.abort();
        throw new Error("gone");
      },
    });
    const call = createToolset([tool], options).call("a", {}, { signal: caller.signal });
    await expect(call).rejects.toMatchObject({ code: "interrupted" });
  });
});

describe("reverse_tool", () => {
  test("takes its seconds in five even steps", async () => {
    jest.useFakeTimers();
    const seen: number[] = [];
    const toolset = createToolset([createReverseTool({ seconds: 5 })], options);
    const call = toolset.call(
      "reverse_tool",
      { query: "ab" },
      { signal: never, onProgress: (u) => seen.push(u.progress) },
    );
    for (let step = 1; step <= 5; step++) {
      expect(seen.at(-1)).toBe(step - 1);
      jest.advanceTimersByTime(999);
      await Promise.resolve();
      expect(seen.at(-1)).toBe(step - 1);
      jest.advanceTimersByTime(1);
      await Promise.resolve();
    }
    expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
    expect((await call).structuredContent).toEqual({ reversed_query: "ba" });
  });

  test("is told to stop while it waits: nothing is left running", async () => {
    jest.useFakeTimers();
    const caller = new AbortController();
    const toolset = createToolset([createReverseTool({ seconds: 60 })], options);
    const call = toolset.call("reverse_tool", { query: "a" }, { signal: caller.signal });
    caller.abort();
    await expect(call).rejects.toMatchObject({ code: "interrupted" });
    expect(jest.getTimerCount()).toBe(0);
  });

  test.each([
    ["", "0 of 0 characters reversed"],
    ["a", "1 of 1 character reversed"],
    ["ab", "2 of 2 characters reversed"],
  ])("counts %j in plain words", async (query, words) => {
    const messages: (string | undefined)[] = [];
    const toolset = createToolset([createReverseTool({ seconds: 0 })], options);
    await toolset.call(
      "reverse_tool",
      { query },
      { signal: never, onProgress: (u) => messages.push(u.message) },
    );
    expect(messages.at(-1)).toBe(words);
  });
});

describe("random numbers", () => {
  /** Makes the random source give these words, one after the other. */
  function draw(...words: bigint[]) {
    return spyOn(crypto, "getRandomValues").mockImplementation(((array: BigUint64Array) => {
      array[0] = words.shift() ?? 0n;
      return array;
    }) as typeof crypto.getRandomValues);
  }

  test.each([
    [0n, 1],
    [5n, 6],
    [6n, 1],
  ])("fold the word %p into a range that has both ends", (word, expected) => {
    draw(word);
    expect(randomInteger(1, 6)).toBe(expected);
  });

  test("are drawn again where the rest of the range would make some likelier", () => {
    const source = draw(2n ** 64n - 1n, 2n ** 64n - 4n, 2n ** 64n - 5n);
    expect(randomInteger(1, 6)).toBe(Number((2n ** 64n - 5n) % 6n) + 1);
    expect(source).toHaveBeenCalledTimes(3);
  });
});

describe("progress", () => {
  test("starts anywhere, only grows, and is a number", () => {
    const seen: number[] = [];
    const reporter = createProgressReporter((update) => seen.push(update.progress));
    for (const progress of [-5, -5, 0.5, 0.25, Number.POSITIVE_INFINITY, 3]) reporter.report({ progress });
    reporter.close();
    reporter.report({ progress: 4 });
    expect(seen).toEqual([-5, 0.5, 3]);
  });

  test("goes nowhere where nobody asked", () => {
    createProgressReporter(undefined).report({ progress: 1 });
  });
});
