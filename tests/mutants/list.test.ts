import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { listAllMutants } from "./list.ts";
import { applyMutant, type Mutant } from "./mutant.ts";

const root = resolve(import.meta.dir, "../..");
const mutants = listAllMutants();

/** What keeps a mutant from being made. */
function findRot(mutant: Mutant): readonly string[] {
  try {
    applyMutant(mutant, readFileSync(join(root, mutant.file), "utf8"));
    return [];
  } catch (error) {
    return [String(error)];
  }
}

// `make mutants` takes minutes; whether its list still fits the sources is seen here at once.
test("make mutants can switch off every check of its list", () => {
  expect(mutants.flatMap(findRot)).toEqual([]);
});

test("each mutant has a name of its own", () => {
  const names = mutants.map(({ file, name }) => `${file}: ${name}`);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
