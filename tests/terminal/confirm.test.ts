import { describe, expect, test } from "bun:test";
import { PassThrough } from "node:stream";
import { AppError } from "../../lib/base/errors.ts";
import { confirm } from "../../lib/terminal/confirm.ts";

function openTerminal(isTTY = true) {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = new PassThrough();
  let shown = "";
  output.on("data", (bytes: Buffer) => (shown += bytes.toString()));
  return { input, output, shown: () => shown };
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    return String(await promise);
  } catch (thrown) {
    return thrown instanceof AppError ? thrown.code : "not ours";
  }
}

describe("a question", () => {
  test.each([
    ["y\r", true],
    ["Y\r", true],
    [" yes \r", true],
    ["\r", false],
    ["n\r", false],
    ["yep\r", false],
    ["maybe y\r", false],
  ])("answered with %j is %p", async (typed, expected) => {
    const { input, output } = openTerminal();
    input.write(typed);
    expect(await confirm("Really?", { input, output })).toBe(expected);
  });

  test("shows that no is the default, and nothing that a terminal obeys", async () => {
    const { input, output, shown } = openTerminal();
    input.write("n\r");
    await confirm("Trust \u001B]52;c;x\u0007\u202Eexample?", { input, output });
    expect(shown()).toContain("Trust example? [y/N] ");
    expect(shown()).not.toMatch(/\u001B\]|\u0007|\u202E/);
  });

  test("ended by Ctrl-C is interrupted", async () => {
    const { input, output } = openTerminal();
    input.write("y\u0003");
    expect(await codeOf(confirm("Really?", { input, output }))).toBe("interrupted");
  });

  test.each(["\u0004", undefined])("ended by the end of the input (%j) is no", async (typed) => {
    const { input, output } = openTerminal();
    if (typed === undefined) input.end();
    else input.write(typed);
    expect(await confirm("Really?", { input, output })).toBe(false);
  });

  test("is not asked where nobody sits", async () => {
    const { input, output, shown } = openTerminal(false);
    input.write("y\r");
    expect([await confirm("Really?", { input, output }), shown()]).toEqual([false, ""]);
  });

  test("ends with the caller's signal, before and while it is asked", async () => {
    const { input, output } = openTerminal();
    const caller = new AbortController();
    const asked = confirm("Really?", { input, output, signal: caller.signal });
    caller.abort();
    expect(await codeOf(asked)).toBe("interrupted");
    expect(await codeOf(confirm("Really?", { input, output, signal: caller.signal }))).toBe("interrupted");
  });
});
