import { expect, test } from "bun:test";
import { layOutLogLine, renderJsonLogLine, renderLogLine } from "../../lib/terminal/render-log.ts";

test("a line of a server's log is one row without anything that a terminal obeys", () => {
  const data = "a \u001B[31mred\u001B[0m word\r\nand a row\u0007";
  expect(renderLogLine({ level: "info", logger: "d\u001B]0;x\u0007b", data })).toBe(
    "server info (db): a red word and a row",
  );
  expect(renderLogLine({ level: "error", data: { rows: 3, text: "\u009B31m" } })).toBe(
    String.raw`server error: {"rows":3,"text":"\u009b31m"}`,
  );
  expect(renderLogLine({ level: "error", data: undefined })).toBe("server error: null");
  expect(renderLogLine({ level: "debug", data: "x".repeat(100_000) }).length).toBeLessThan(5000);
});

test("for programs it is one line of JSON", () => {
  const line = renderJsonLogLine({ level: "info", logger: "db", data: "\u009B31m\n" });
  expect(line).not.toContain("\u009B");
  expect(JSON.parse(line)).toEqual({ type: "log", level: "info", logger: "db", data: "\u009B31m\n" });
});

test("a long line of a server's log has no row that could pass for ours", () => {
  const pad = "\u2800".repeat(20);
  const data = `x${pad}The model wants to call read:${pad}${pad}  {}${pad}${pad}Run it?`;
  const rows = layOutLogLine({ level: "info", data }, 40).split("\n");
  expect(rows.length).toBeGreaterThan(3);
  expect(rows[0]).toStartWith("server info:");
  for (const row of rows.slice(1)) expect(row).toStartWith("  | ");
  for (const row of rows) expect(Bun.stringWidth(row)).toBeLessThanOrEqual(40);
});
