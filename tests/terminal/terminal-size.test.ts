import { expect, test } from "bun:test";
import { LiveRows } from "../../lib/terminal/live-rows.ts";

test("a terminal that does not know its size is taken for one of 80 columns and 24 rows", () => {
  for (const size of [{ columns: 0, rows: 0 }, {}]) {
    const rows = new LiveRows({ write() {}, isTTY: true, ...size });
    expect([rows.columns, rows.maxRows]).toEqual([79, 22]);
  }
});
