import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compareReadme } from "./settings-section.ts";

test("the README's table of settings is what the schemas say (else: make readme)", () => {
  const { current, wanted } = compareReadme();
  expect(current).toBe(wanted);
});

test("every make target that the README names exists", () => {
  const makefile = readFileSync(join(import.meta.dir, "../../Makefile"), "utf8");
  const named = [...compareReadme().current.matchAll(/`?make ([a-z]+)`?/g)].map(([, target]) => target ?? "");
  expect(named.length).toBeGreaterThan(2);
  for (const target of named) expect(makefile).toContain(`\n${target}:`);
});
