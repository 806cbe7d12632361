import { expect, test } from "bun:test";
import {
  cutToWidth,
  formatCount,
  formatDuration,
  formatSize,
  measureWidth,
  wrapText,
} from "../../lib/terminal/fit.ts";

test("a width is that of the terminal which joins the least", () => {
  expect(["a", "漢字", "👩‍👩‍👧‍👦", "e\u0301", "❤️"].map(measureWidth)).toEqual([1, 4, 8, 1, 2]);
});

test("a cut text fits, and says that it was cut", () => {
  expect(cutToWidth("reverse", 7)).toBe("reverse");
  expect(cutToWidth("reverse_tool", 7)).toBe("revers…");
  expect(cutToWidth("漢字漢字", 6)).toBe("漢字…");
  expect(cutToWidth("漢字漢字", 1)).toBe("…");
  expect(cutToWidth("abc", 0)).toBe("");
});

test("a cut text has no more marks on a letter than a script needs, and nothing without width", () => {
  expect(cutToWidth(`z${"\u0301".repeat(5000)}`, 80)).toBe("");
  expect(cutToWidth(`a${"\u200B".repeat(50)}b`, 80)).toBe("ab");
});

test("text is wrapped at blanks, and long words are cut into pieces", () => {
  expect(wrapText("one two three", 7)).toEqual(["one two", "three"]);
  expect(wrapText("a\n\nb", 7)).toEqual(["a", "", "b"]);
  expect(wrapText("abcdefghij k", 4)).toEqual(["abcd", "efgh", "ij k"]);
  expect(wrapText(`  one  two\t${"x".repeat(300)} \n\nb`, Infinity)).toEqual([
    `one two ${"x".repeat(300)}`,
    "",
    "b",
  ]);
});

test.each(["a", "a b ", "漢", "z\u0301", "\n"])("leaves out the rest of an endless text of %j", (piece) => {
  const rows = wrapText(piece.repeat(40_000), 10);
  expect(rows.at(-1)).toEndWith("…");
  expect(rows.join("\n").length).toBeLessThan(40_001);
});

test.each([
  [0, "0.0s"],
  [3249, "3.2s"],
  [12_900, "12s"],
  [185_000, "3m05s"],
  [-5, "0.0s"],
])("%d ms are shown as %s", (ms, shown) => expect(formatDuration(ms)).toBe(shown));

test.each([
  [3, "3"],
  [2.5, "2.5"],
  [1 / 3, "0.333"],
  [1.23456e21, "1.23e+21"],
])("the number %d is shown as %s", (value, shown) => expect(formatCount(value)).toBe(shown));

test.each([
  [999, "999 B"],
  [12_345, "12.3 kB"],
  [4_000_000, "4.0 MB"],
])("%d bytes are shown as %s", (bytes, shown) => expect(formatSize(bytes)).toBe(shown));
