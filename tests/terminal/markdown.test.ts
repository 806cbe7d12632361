import { describe, expect, test } from "bun:test";
import { AnswerBlocks } from "../../lib/terminal/answer-blocks.ts";
import { renderMarkdown } from "../../lib/terminal/render-markdown.ts";
import { MarkdownSplitter } from "../../lib/terminal/split-markdown.ts";
import { hostileTexts } from "./hostile.ts";

const plain = { columns: 40, color: false };
const colored = { columns: 40, color: true };
/** Escape sequences but those for style, and control characters. */
const obeyed =
  /\u001B(?!\[[0-9;]*m)|[\u0000-\u0009\u000B-\u001A\u001C-\u001F\u007F-\u009F]|[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/;

const hostile: [name: string, text: string][] = [
  ...hostileTexts.map(([name, text]): [string, string] => [name, text]),
  ["uses character references", "a &#27;[2J &#x9b;2J &#x1B;]0;x&#7; &rlm; &#8238; b"],
  ["has references in a link", "[a&#27;[2J](https://a.example/&#27;[2J)"],
  ["makes a hidden link", "\u001B]8;;https://evil.example\u001B\\click\u001B]8;;\u001B\\"],
];

function split(text: string, pieceLength: number): string[] {
  const splitter = new MarkdownSplitter();
  const pieces = text.match(new RegExp(`[^]{1,${pieceLength}}`, "g")) ?? [];
  return [...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.finish()];
}

describe("a text that streams is cut into blocks", () => {
  test.each([
    ["paragraphs", "one\ntwo\n\nthree\n", ["one\ntwo", "three"]],
    ["headings, which end by themselves", "# a\ntext\n## b\n", ["# a", "text", "## b"]],
    [
      "a list in one piece, its numbers with it",
      "1. a\n\n2. b\n\n   more\n\nend",
      ["1. a\n\n2. b\n\n   more", "end"],
    ],
    ["code with blank lines in it", "x\n```js\na\n\nb\n```\ny", ["x", "```js\na\n\nb\n```", "y"]],
    [
      "a longer fence around a shorter one",
      "````\n```\nin\n```\n````\nout",
      ["````\n```\nin\n```\n````", "out"],
    ],
    ["code in a list", "- a\n  ```\n  x\n\n  y\n  ```\n- b\n", ["- a\n  ```\n  x\n\n  y\n  ```\n- b"]],
    [
      "a table below a sentence",
      "See:\n\n| a |\n|---|\n| 1 |\n\nend",
      ["See:", "| a |\n|---|\n| 1 |", "end"],
    ],
    ["code that never ends", "```\nabc", ["```\nabc"]],
    ["a list right behind a sentence", "See:\n- a\n- b\n", ["See:", "- a\n- b"]],
    ["a number that begins a line of a sentence", "It was\n1984. Yes\n", ["It was\n1984. Yes"]],
    ["nothing", "\n\n", []],
  ])("%s", (_, text, blocks) => {
    for (const length of [1, 3, 1000]) expect(split(text, length)).toEqual(blocks);
  });
});

describe("a block is rendered", () => {
  test.each([
    ["a heading", "# Head", ["Head", "===="]],
    ["a list", "- a\n  - b\n- [ ] c", ["  * a", "      * b", "  [ ] c"]],
    [
      "a table",
      "| a | b |\n|---|---|\n| 1 | 漢字 |",
      [
        "+---+----+".replace("+---", "+-----").replace("+----+", "+------+"),
        "| a   | b    |",
        "+-----+------+",
        "| 1   | 漢字 |",
        "+-----+------+",
      ],
    ],
    ["code", "```js\nif (a) {\n  b\n}\n```", ["+- js", "| if (a) {", "|   b", "| }", "+-"]],
    ["a link, with its address", "[text](https://a.example)", ["text (https://a.example)"]],
    [
      "a link that lies, with its address",
      "[https://a.example](https://b.example)",
      ["https://a.example (https://b.example)"],
    ],
    [
      "an address in angle brackets once",
      "<https://a.example/x> and <me@a.example>",
      ["https://a.example/x and me@a.example"],
    ],
    ["code with an address in it as it is", "`<https://a.example>` `![x]`", ["<https://a.example> ![x]"]],
    ["an address once", "at https://a.example/x", ["at https://a.example/x"]],
    ["a picture as a link", "![chart](https://a.example/x.png)", ["chart (https://a.example/x.png)"]],
    ["HTML as text", "<b>x</b>", ["<b>x</b>"]],
  ])("%s, without colour in ASCII", (_, block, rows) => {
    expect(renderMarkdown(block, plain)).toEqual(rows);
  });

  test.each([80, 200])("at %d columns no row of text or table is wider", (columns) => {
    const words = "many words 漢字 and https://example.com/a/long/address ".repeat(12);
    const table = `| one | two | three |\n|---|---|---|\n| ${words} | ${words} | x |`;
    for (const color of [true, false]) {
      const rows = [words, `- ${words}\n- b`, table].flatMap((block) =>
        renderMarkdown(block, { columns, color }),
      );
      const widths = rows.map((row) => Bun.stringWidth(row));
      expect(Math.max(...widths)).toBeLessThanOrEqual(columns);
      expect(Math.max(...widths)).toBeGreaterThan(columns / 2);
    }
  });

  test("with colour, and no other sequences; without colour, none", () => {
    const block = "**bold** `code` [l](https://a.example)\n\n```js\nconst a = 1\n```";
    expect(renderMarkdown(block, colored).join("\n")).toContain("\u001B[1m");
    expect(renderMarkdown(block, colored).join("\n")).not.toMatch(obeyed);
    expect(renderMarkdown(block, plain).join("\n")).not.toContain("\u001B");
  });

  test.each(hostile)("a model that %s commands nothing", (_, text) => {
    for (const block of [
      text,
      `| ${text} |\n|---|\n| ${text} |`,
      `\`\`\`${text}\n${text}\n\`\`\``,
      `- ${text}`,
    ]) {
      for (const layout of [plain, colored])
        expect(renderMarkdown(block, layout).join("\n")).not.toMatch(obeyed);
    }
  });

  test("what a terminal would obey goes as a whole", () => {
    expect(renderMarkdown("a \u001B[8mhidden\u001B[0m b", plain)).toEqual(["a hidden b"]);
  });

  test.each([
    ["itself", "a \u001B[8mhidden\u001B[0m b"],
    ["by character references", "a &#27;[8mhidden&#x1b;[0m &#155;8m b"],
  ])("a model cannot hide text with styles that it sets %s", (_, text) => {
    expect(renderMarkdown(text, plain).join("\n")).not.toContain("\u001B");
    expect(renderMarkdown(text, colored).join("\n")).not.toContain("\u001B[8m");
  });

  test("a long hostile text takes no long time", () => {
    const rows = renderMarkdown(`${"x".repeat(100_000)} (${"x".repeat(100_000)})`, plain);
    expect(rows.length).toBeGreaterThan(0);
  });
});

describe("an answer", () => {
  function openAnswer() {
    const printed: string[] = [];
    const print = (text: string) => void printed.push(...text.split("\n"));
    return { printed, answer: new AnswerBlocks({ color: false, columns: () => 40, print }) };
  }

  test("is printed block by block, the open one is previewed as it will be", () => {
    const { printed, answer } = openAnswer();
    answer.push("# Head\n- a\n- b");
    expect(printed).toEqual(["Head", "===="]);
    expect(answer.preview(40, 10).map(({ text }) => text)).toEqual(["", "  * a", "  * b"]);
    answer.push("\n\nend\n");
    expect(printed).toEqual(["Head", "====", "", "  * a", "  * b"]);
    answer.finish();
    expect(printed.slice(5)).toEqual(["", "end"]);
    expect(answer.preview(40, 10)).toEqual([]);
  });

  test("code is printed line by line, each line once", () => {
    const { printed, answer } = openAnswer();
    for (const piece of ["```\n", "a\n", "b", "b\n", "c\n", "```", "\nend"]) answer.push(piece);
    answer.finish();
    expect(printed).toEqual(["+-", "| a", "| bb", "| c", "+-", "", "end"]);
  });

  test("code without an end goes on in blocks of its kind, and nothing of it is lost", () => {
    const { printed, answer } = openAnswer();
    const lines = Array.from({ length: 5000 }, (_, at) => `line ${at}`);
    answer.push("```js\n");
    for (const line of lines) answer.push(`${line}\n`);
    answer.finish();
    expect(printed.filter((row) => row.startsWith("| ")).map((row) => row.slice(2))).toEqual(lines);
  });

  test.each([
    ["a line", "word ", ""],
    ["a word", "x", ""],
    ["a list", "- word\n", ""],
    ["a quotation", "> word\n", ""],
    ["a code block", "\n", "```\n"],
    ["a code block in a list", "    word\n", "- a\n  ```\n"],
  ])("%s without an end is never looked at again as a whole", (_, piece, start) => {
    const splitter = new MarkdownSplitter();
    splitter.push(start);
    let longest = 0;
    for (let at = 0; at < 20_000; at++) {
      splitter.push(piece);
      longest = Math.max(longest, splitter.open?.text.length ?? 0);
    }
    expect(longest).toBeGreaterThan(500);
    expect(longest).toBeLessThan(17_000);
  });

  test("the preview has no more rows and columns than there are", () => {
    const { answer } = openAnswer();
    answer.push(`| ${"w ".repeat(500)} |\n|---|\n| ${"👩‍👩‍👧‍👦 ".repeat(100)} |`);
    const rows = answer.preview(40, 5);
    expect(rows).toHaveLength(5);
    for (const { plain: row } of rows) expect(Bun.stringWidth(row)).toBeLessThanOrEqual(40);
  });
});
