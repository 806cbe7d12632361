import { expect, test } from "bun:test";
import { maxTimeMsOf } from "../../lib/config/max-time.ts";

const stream = (isTTY: boolean) => ({ isTTY }) as never;

test.each([
  [12, true, true, 12_000],
  [12, false, false, 12_000],
  [undefined, true, true, undefined],
  [undefined, true, false, undefined],
  [undefined, false, true, undefined],
  [undefined, false, false, 900_000],
])("--max-time %p, terminal for reading %p, for messages %p: %p ms", (maxTime, reads, writes, expected) => {
  const io = { stdin: stream(reads), stderr: stream(writes) };
  expect(maxTimeMsOf({ values: { maxTime }, io })).toBe(expected as number);
});
