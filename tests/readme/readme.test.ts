import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readSteps } from "./console-steps.ts";
import { findFences, withoutFences } from "./fences.ts";
import { findUnknownWords, readCodeSpans } from "./named-words.ts";
import { compareReadme, programs } from "./sections.ts";

const root = join(import.meta.dir, "../..");
const { current, wanted } = compareReadme();
const text = withoutFences(current);
const commands = findFences(current)
  .filter(({ language }) => language === "console")
  .flatMap((fence) => readSteps(fence.text).map(({ command }) => command));

test("the README's tables are what the schemas and the table of errors say (else: make readme)", () => {
  expect(current).toBe(wanted);
});

test("every make target that the README names exists", () => {
  const makefile = readFileSync(join(root, "Makefile"), "utf8");
  const named = [...readCodeSpans(text), ...commands].flatMap(
    (line) => /^make ([a-z]+)/.exec(line)?.[1] ?? [],
  );
  expect(named.length).toBeGreaterThan(2);
  for (const target of named) expect(makefile).toContain(`\n${target}:`);
});

test("every flag and command that the README names exists", () => {
  const spans = readCodeSpans(text);
  expect(spans.length).toBeGreaterThan(200);
  expect([...spans, ...commands].flatMap((line) => findUnknownWords(line, programs))).toEqual([]);
});

test("a flag or a command that does not exist is found", () => {
  const found = (line: string) => findUnknownWords(line, programs).length;
  expect(["--no-such-flag", "mcp-client nonsense", "mcp-agent --stdio"].map(found)).toEqual([1, 1, 1]);
  expect(["--stdio", "mcp-client tools --url URL", "npx x --flag"].map(found)).toEqual([0, 0, 0]);
});

/** As GitHub makes the anchor of a heading. */
const toAnchor = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

test("every link within the README and to files of this repository resolves", () => {
  const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => toAnchor(heading ?? ""));
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link ?? "");
  expect(links.length).toBeGreaterThan(10);
  // What begins with ../../ is a page of the repository on GitHub and no file.
  const inside = links.filter((link) => !/^(?:https:|\.\.\/\.\.\/)/.test(link));
  const broken = inside.filter((link) =>
    link.startsWith("#") ? !anchors.includes(link.slice(1)) : !existsSync(join(root, link)),
  );
  expect(broken).toEqual([]);
});
