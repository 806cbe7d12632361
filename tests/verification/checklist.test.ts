import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checklist, elsewhere } from "./checklist.ts";

/** The texts at whose beginning, or after a comma, the number of a case stands. */
const titles = [...new Bun.Glob("*.test.ts").scanSync(import.meta.dir)]
  .map((name) => readFileSync(join(import.meta.dir, name), "utf8"))
  .flatMap((text) => [...text.matchAll(/["`]((?:2[ab]\.\d+|C)[ ,][^"`]*)/g)].map(([, title = ""]) => title));

const named = new Set(titles.flatMap((title) => title.match(/\b2[ab]\.\d+|\bC\b/g) ?? []));

describe("the checklist", () => {
  test.each(Object.entries(checklist))("%s, %s, has a row", (number) => {
    expect(named.has(number)).toBe(true);
  });

  test("has every number that a row names, and no row for what lies elsewhere", () => {
    expect([...named].filter((number) => !Object.hasOwn(checklist, number))).toEqual([]);
    expect(Object.keys(elsewhere).filter((number) => Object.hasOwn(checklist, number))).toEqual([]);
  });
});
