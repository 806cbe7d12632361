import { expect, test } from "bun:test";
import { loadOnce } from "../../lib/base/load-once.ts";

test("loads once for everybody, and again where it failed", async () => {
  const outcomes = [Promise.reject(new Error("not yet")), Promise.resolve("loaded")];
  let count = 0;
  const load = loadOnce(async () => outcomes[count++]);
  await expect(load()).rejects.toThrow("not yet");
  expect(await Promise.all([load(), load(), load()])).toEqual(["loaded", "loaded", "loaded"]);
  expect(count).toBe(2);
});
