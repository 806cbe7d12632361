import { describe, expect, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { type ArgumentSources, readArguments } from "../../cmd/mcp-client/argument-sources.ts";
import { makeToolArguments } from "../../cmd/mcp-client/tool-arguments.ts";
import { failureOf } from "../transport-client/settled.ts";

const folder = mkdtempSync(join(tmpdir(), "mcp-entra-arguments-"));
writeFileSync(join(folder, "text.txt"), "two\nlines\n");
writeFileSync(join(folder, "list.json"), ' ["a", "b"]\n');
writeFileSync(join(folder, "args.json"), '{"id": "from file", "n": 1, "isOn": true}');
writeFileSync(join(folder, "number.json"), "5");
writeFileSync(join(folder, "picture.png"), Buffer.from("89504e470d0a1a0aff", "hex"));
writeFileSync(join(folder, "marked.json"), '\uFEFF{"id": "ü"}');

const schema = {
  type: "object",
  properties: {
    id: { type: "string" },
    n: { type: "integer", minimum: 1, maximum: 10 },
    ratio: { type: "number", exclusiveMinimum: 0 },
    isOn: { type: "boolean" },
    color: { enum: ["red", "green"] },
    level: { type: "integer", enum: [1, 2] },
    tags: { type: "array", items: { type: "string" }, maxItems: 2 },
    filter: {
      type: "object",
      properties: { tags: { type: "array", items: { $ref: "#/$defs/tag" } } },
      required: ["tags"],
      additionalProperties: false,
    },
    nothing: { type: "null" },
    size: { anyOf: [{ type: "integer" }, { const: "auto" }] },
    maybe: { type: ["integer", "null"] },
    either: { oneOf: [{ type: "boolean" }, { type: "string", maxLength: 3 }] },
    code: { type: "string", pattern: "^[A-Z]{3}$" },
    even: { type: "integer", multipleOf: 2 },
    any: {},
    point: { $ref: "#/$defs/point" },
    title: { type: "string", minLength: 2, maxLength: 4 },
  },
  additionalProperties: false,
  $defs: {
    tag: { enum: ["small", "large"] },
    point: { type: "object", properties: { x: { type: "number" } }, required: ["x"] },
  },
};

interface Given extends Partial<Omit<ArgumentSources, "words" | "io">> {
  readonly stdin?: string | Buffer;
  readonly schema?: Record<string, unknown>;
}

async function make(words: readonly string[], given: Given = {}) {
  const stdin = Readable.from(given.stdin === undefined ? [] : [Buffer.from(given.stdin)]);
  const sources = {
    words,
    args: given.args,
    argsFile: given.argsFile,
    io: { folder, stdin: stdin as unknown as NodeJS.ReadStream },
  };
  return makeToolArguments(await readArguments(sources, {}), given.schema ?? schema);
}

describe("words are read by the schema", () => {
  test.each<[string, unknown]>([
    ["id=00713", { id: "00713" }],
    ["id=123.45", { id: "123.45" }],
    ["id=", { id: "" }],
    ["id=null", { id: "null" }],
    ["id=a=b", { id: "a=b" }],
    ['id:="@home"', { id: "@home" }],
    ["n=5", { n: 5 }],
    ["ratio=1e-3", { ratio: 0.001 }],
    ["ratio=.5", { ratio: 0.5 }],
    ["isOn=true", { isOn: true }],
    ["isOn=false", { isOn: false }],
    ["color=red", { color: "red" }],
    ["level=2", { level: 2 }],
    ['tags=["a","b"]', { tags: ["a", "b"] }],
    ["tags=@list.json", { tags: ["a", "b"] }],
    ["tags:=@list.json", { tags: ["a", "b"] }],
    ["id=@text.txt", { id: "two\nlines\n" }],
    ["id=@list.json", { id: ' ["a", "b"]\n' }],
    ['filter={"tags":["small"]}', { filter: { tags: ["small"] } }],
    ["nothing=null", { nothing: null }],
    ["size=5", { size: 5 }],
    ["size=auto", { size: "auto" }],
    ["maybe=5", { maybe: 5 }],
    ["maybe=null", { maybe: null }],
    ["either=abc", { either: "abc" }],
    ["either=true", { either: true }],
    ["any=5", { any: "5" }],
    ["any:=5", { any: 5 }],
    ["any:=[-0,0.1,1e3,9007199254740991,-7]", { any: [-0, 0.1, 1000, 9007199254740991, -7] }],
    ['any:={"__proto__":{"a":1}}', { any: JSON.parse('{"__proto__":{"a":1}}') }],
    ['point={"x":1}', { point: { x: 1 } }],
    ["title=😀😀😀😀", { title: "😀😀😀😀" }],
  ])("%s", async (word, expected) => {
    expect<unknown>(await make([word])).toEqual(expected);
  });

  test("an extra argument is read by additionalProperties, and a hostile name is a name", async () => {
    const open = { type: "object", additionalProperties: { type: "integer" } };
    const args = await make(["a=1", "__proto__=2"], { schema: open });
    expect(Object.entries(args)).toEqual([
      ["a", 1],
      ["__proto__", 2],
    ]);
  });
});

describe("nothing is sent that does not fit", () => {
  test.each([
    ["n=abc", 'The argument "n" takes a whole number, not "abc".'],
    ["n=1.5", 'The argument "n" takes a whole number, not "1.5".'],
    ["n=99999999999999999999", 'The argument "n" takes a whole number, not "99999999999999999999".'],
    ["n=0", 'The argument "n" takes at least 1, not 0.'],
    ["n=11", 'The argument "n" takes at most 10, not 11.'],
    ['n:="5"', 'The argument "n" takes a whole number, not "5".'],
    ["ratio=0", 'The argument "ratio" takes more than 0, not 0.'],
    ["ratio=0x10", 'The argument "ratio" takes a number, not "0x10".'],
    ["isOn=yes", 'The argument "isOn" takes true or false, not "yes".'],
    ["color=gren", 'The argument "color" takes one of "red", "green", not "gren". Did you mean "green"?'],
    ["level=3", 'The argument "level" takes one of 1, 2, not 3.'],
    ["tags=a,b", 'The argument "tags" takes a JSON list, not "a,b".'],
    ["tags=[1]", 'The argument "tags[0]" takes text, not 1.'],
    ['tags=["a","b","c"]', 'The argument "tags" takes at most 2 items, not 3.'],
    ["filter={}", 'The argument "filter.tags" is missing.'],
    [
      'filter={"tags":["smal"]}',
      /"filter\.tags\[0\]" takes one of "small", "large", not "smal"\. Did you mean "small"\?/,
    ],
    ['filter={"tags":[],"tag":1}', 'The argument "filter.tag" is unknown. Did you mean "tags"?'],
    ["size=big", 'The argument "size" takes a whole number or "auto", not "big".'],
    ["either=long", /"either" takes/],
    ["code=abc", /not as the tool wants them: .*pattern/],
    ["even=3", /not as the tool wants them: .*multiple of 2/],
    ["title=x", 'The argument "title" takes at least 2 characters.'],
    ["title=x\u001B[31mxxxx", 'The argument "title" takes at most 4 characters.'],
    ["idd=1", 'The argument "idd" is unknown. Did you mean "id"?'],
    ["n:=x", 'The argument "n" takes JSON, and "x" is none.'],
    ["n", /is written key=value/],
    ["=x", /is written key=value/],
    ["id=@missing.txt", /"missing\.txt" cannot be read/],
    ["any:=12345678901234567890", 'The number "12345678901234567890" cannot be sent exactly.'],
    ['any:={"a":[1e400]}', 'The number "1e400" cannot be sent exactly.'],
    ["tags=[9007199254740993]", 'The number "9007199254740993" cannot be sent exactly.'],
    ["id=@picture.png", 'The file "picture.png" is no text in UTF-8.'],
    ['point={"y":1}', 'The argument "point.x" is missing. Did you mean it by "y"?'],
  ])("%s", async (word, message) => {
    const error = await failureOf(make([word]));
    expect(error.code).toBe("invalid_arguments");
    if (typeof message === "string") expect(error.message).toBe(message);
    else expect(error.message).toMatch(message);
  });

  test("what is missing is named, with the word that may have been meant", async () => {
    const open = { type: "object", properties: { query: { type: "string" } }, required: ["query"] };
    const message = async (words: string[]) => (await failureOf(make(words, { schema: open }))).message;
    expect(await message([])).toBe('The argument "query" is missing.');
    expect(await message(["qury=x"])).toBe('The argument "query" is missing. Did you mean it by "qury"?');
  });

  test("a word twice, and standard input twice", async () => {
    expect((await failureOf(make(["id=1", "id=2"]))).message).toContain("given twice");
    expect((await failureOf(make(["-", "-"], { stdin: "{}" }))).message).toContain("given twice");
    expect((await failureOf(make(["-"], { stdin: "{}", argsFile: "-" }))).message).toContain("given twice");
  });

  test("an unfinished or endless schema is left to the server", async () => {
    const elsewhere = { type: "object", properties: { a: { $ref: "https://example.com/schema" } } };
    expect(await make(["a=1"], { schema: elsewhere })).toEqual({ a: "1" });
    const endless = { type: "object", properties: { a: { $ref: "#/properties/a" } } };
    expect(await make(["a=1"], { schema: endless })).toEqual({ a: "1" });
    const dialect = { $schema: "https://example.com/dialect", type: "object" };
    expect(await make(["a=1"], { schema: dialect })).toEqual({ a: "1" });
  });
});

describe("arguments from elsewhere", () => {
  test("words win over --args, that over standard input, that over --args-file", async () => {
    const all = { argsFile: "args.json", stdin: '{"id": "from stdin", "n": 2}', args: '{"n": 3}' };
    expect(await make(["-", "color=red"], all)).toEqual({ id: "from stdin", n: 3, isOn: true, color: "red" });
    expect(await make(["-", "n=4"], all)).toMatchObject({ n: 4 });
    expect(await make([], { argsFile: "args.json" })).toEqual({ id: "from file", n: 1, isOn: true });
    expect(await make([], { argsFile: "-", stdin: '{"n": 2}' })).toEqual({ n: 2 });
  });

  test.each([
    ["--args", { args: "[1]" }, []],
    ["--args-file", { argsFile: "number.json" }, []],
    ["Standard input", { stdin: "{" }, ["-"]],
  ])("%s takes an object alone", async (source, given, words) => {
    const error = await failureOf(make(words, given));
    expect(error.message).toMatch(new RegExp(`^${source}.* takes a JSON object`));
  });

  test("is text in UTF-8, with or without a byte order mark", async () => {
    expect(await make([], { argsFile: "marked.json" })).toEqual({ id: "ü" });
    expect(await make(["id=@marked.json"])).toEqual({ id: '{"id": "ü"}' });
    const cut = Buffer.from('{"id": "ü"}').subarray(0, 9);
    const error = await failureOf(make(["-"], { stdin: cut }));
    expect(error.message).toBe("Standard input is no text in UTF-8.");
  });

  test("with a number that would arrive as another one is refused, wherever it stands", async () => {
    const args = '{"any": 9007199254740993}';
    for (const given of [{ args }, { stdin: args, argsFile: "-" }]) {
      const error = await failureOf(make([], given));
      expect(error.message).toBe('The number "9007199254740993" cannot be sent exactly.');
    }
    expect(await make([], { args: '{"any": "9007199254740993"}' })).toEqual({ any: "9007199254740993" });
  });

  test("is checked, too", async () => {
    expect((await failureOf(make([], { args: '{"n": "5"}' }))).message).toContain("takes a whole number");
  });
});
