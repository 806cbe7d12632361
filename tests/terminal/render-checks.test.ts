import { describe, expect, test } from "bun:test";
import { renderCheck } from "../../lib/terminal/render-checks.ts";

const row = { title: "Token", found: "You are not signed in.", remedy: "Run it." };

describe("renderCheck", () => {
  test.each([
    ["ok", "✓"],
    ["failed", "✗"],
    ["warning", "!"],
    ["skipped", "-"],
  ] as const)("marks %s with %s, and puts the remedy below", (status, mark) => {
    const shown = renderCheck({ ...row, status }, { columns: undefined, color: false });
    expect(shown).toBe(`${mark} Token       You are not signed in.\n              Run it.\n`);
    expect(Bun.stripANSI(renderCheck({ ...row, status }, { columns: undefined, color: true }))).toBe(shown);
  });

  test("breaks long sentences below one another, and neutralises them", () => {
    const found = `\u001B[31m${"word ".repeat(20)}\nend`;
    const shown = renderCheck({ ...row, status: "failed", found }, { columns: 50, color: false });
    expect(shown).not.toContain("\u001B");
    for (const line of shown.trimEnd().split("\n")) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(50);
    expect(
      shown
        .split("\n")
        .slice(1, -1)
        .every((line) => line.startsWith(" ".repeat(14))),
    ).toBe(true);
  });
});
