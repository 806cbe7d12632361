import { expect, test } from "bun:test";
import { renderJsonLogLine, renderLogLine } from "../../lib/terminal/render-log.ts";

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
