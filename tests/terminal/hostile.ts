/** Texts of servers that mean no good. */
export const hostileTexts: readonly (readonly [name: string, text: string])[] = [
  ["clears the screen", "a\u001B[2J\u001B[Hb"],
  ["writes the clipboard", "a\u001B]52;c;ZXZpbA==\u0007b"],
  ["sets the title without an end", "a\u001B]0;evil"],
  ["returns to the start of the row", "fine\rEVIL"],
  ["breaks the row", "one\ntwo\n\n\nthree"],
  ["goes up", "a\u001B[5Ab"],
  ["uses C1 controls", "a\u009B2Jb\u0085c"],
  ["reorders", "a\u202Egnp.exe\u2066b"],
  ["is long", "x".repeat(10_000)],
  ["is long and wide", "👩‍👩‍👧‍👦漢字".repeat(2000)],
  ["stacks marks", `z${"\u0301".repeat(5000)}algo`],
  ["has no width", "\u200B\u200D\uFEFF".repeat(1000)],
  ["has lone surrogates", "\uD83D\uD83Dx\uDC00"],
  ["has tabs and bells", "a\t\t\u0007b\u0008\u0008c"],
];
