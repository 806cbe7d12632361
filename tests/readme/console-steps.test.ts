import { describe, expect, test } from "bun:test";
import { matchLines, readSteps } from "./console-steps.ts";
import { findFences } from "./fences.ts";

test("a console block is read as commands, continued lines included, and what each prints", () => {
  expect(readSteps("$ one \\\n  two\nprinted\n\n$ three")).toEqual([
    { command: "one \\\n  two", output: ["printed", ""] },
    { command: "three", output: [] },
  ]);
  expect(() => readSteps("printed")).toThrow("begins with a command");
});

describe("the lines that a command prints", () => {
  test.each([
    ["the same", ["a", "b"], ["a", "b"], true],
    ["another one", ["a", "b"], ["a", "c"], false],
    ["one more", ["a"], ["a", "b"], false],
    ["one less", ["a", "b"], ["a"], false],
    ["anything within a line", ["a … c"], ["a (.) c"], true],
    ["signs of a pattern to the letter", ["a.c"], ["abc"], false],
    ["any lines between", ["a", "...", "d"], ["a", "b", "c", "d"], true],
    ["no line between", ["a", "...", "d"], ["a", "d"], true],
    ["any lines at the end", ["a", "..."], ["a", "b", "c"], true],
    ["any lines, and then another end", ["a", "...", "d"], ["a", "b", "e"], false],
  ])("%s", (_, expected, lines, isMatch) => {
    expect(matchLines(expected, lines)).toBe(isMatch);
  });
});

test("a fenced block is found with its language, its line and the comment above it", () => {
  const markdown = "text\n<!-- needs Azure -->\n```console\n$ a\n```\n\n   ```json\n   {}\n   ```\n";
  expect(findFences(markdown)).toEqual([
    { language: "console", text: "$ a", line: 3, comment: "needs Azure" },
    { language: "json", text: "{}", line: 7, comment: "" },
  ]);
  expect(() => findFences("```sh\nopen")).toThrow("has no end");
});
