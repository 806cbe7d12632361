import { expect, test } from "bun:test";
import { stressSharedCache } from "./shared-cache.ts";

/** What two cores do in some seconds; `make stress` does 20 x 50. */
const load = { processes: 8, refreshes: 12 };

test("many processes renew from one cache: nobody is signed out, and the file is never broken nor open", async () => {
  const { renewed, failures, answers, isStillSignedIn, left, seen } = await stressSharedCache(load);
  process.stdout.write(
    `shared cache: ${renewed} renewals, looked at ${seen.looks} times, ${seen.changes} states\n`,
  );
  expect(failures).toEqual([]);
  expect(renewed).toBe(load.processes * load.refreshes);
  // Each of them asked the tenant, and one more at the end did.
  expect(answers).toEqual({ ok: load.processes * load.refreshes + 1 });
  expect(isStillSignedIn).toBe(true);
  expect(left).toEqual(["cache.json"]);
  expect({ invalid: seen.invalid, wide: seen.wide, absent: seen.absent }).toEqual({
    invalid: 0,
    wide: 0,
    absent: 0,
  });
  expect(seen.changes).toBeGreaterThan(1);
}, 120_000);
