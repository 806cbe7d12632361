import { describe, expect, test } from "bun:test";
import { checkForm } from "../../lib/web/page/schema/check-value.ts";
import { createRow, fillGroup } from "../../lib/web/page/schema/form-value.ts";
import { readForm } from "../../lib/web/page/schema/read-schema.ts";

/** Checks one required member with what was typed. */
function check(schema: object, typed: string, isRequired = true) {
  const form = readForm({
    type: "object",
    properties: { member: schema },
    required: isRequired ? ["member"] : [],
  });
  const { args, errors } = checkForm(form, { member: typed });
  return { args, error: errors.get("field.member") };
}

describe("checking before sending", () => {
  test.each<[object, string, string]>([
    [{ type: "string" }, "", "Enter a value."],
    [{ type: "string", minLength: 2 }, "a", "Enter at least 2 characters."],
    [{ type: "string", maxLength: 1 }, "ab", "Enter at most 1 character; now there are 2."],
    [{ type: "string", pattern: "^a+$" }, "b", "Must match the pattern ^a+$"],
    [{ type: "string", format: "email" }, "ada", "Enter an e-mail address like ada@contoso.com."],
    [{ type: "string", format: "uri" }, "nowhere", "Enter an address like https://contoso.com/."],
    [{ type: "string", format: "date" }, "2026-13-01", "Enter a date like 2026-01-31."],
    [{ type: "integer" }, "1.5", "Enter a whole number."],
    [{ type: "integer" }, "0x10", "Enter a whole number."],
    [{ type: "number" }, "many", "Enter a number."],
    [{ type: "number" }, "Infinity", "Enter a number."],
    [{ type: "number" }, "1e999", "This number is beyond what can be sent."],
    [{ type: "integer" }, "9007199254740993", "This number has too many digits to be sent exactly."],
    [{ type: "string", pattern: "^(ab)?[+*]{2}(c|d)$" }, "b", "Must match the pattern ^(ab)?[+*]{2}(c|d)$"],
    [{ type: "string", pattern: "^(ab){2}\\)+$" }, "b", "Must match the pattern ^(ab){2}\\)+$"],
    [{ type: "number", minimum: 1 }, "0", "Must be at least 1."],
    [{ type: "number", maximum: 1 }, "2", "Must be at most 1."],
    [{ type: "number", exclusiveMinimum: 1 }, "1", "Must be more than 1."],
    [{ type: "number", exclusiveMaximum: 1 }, "1", "Must be less than 1."],
    [{ type: "number", multipleOf: 0.1 }, "0.25", "Must be a multiple of 0.1."],
    [{ enum: ["a", "b"] }, "", "Choose one."],
    [{}, "{", "This is not JSON. A text stands in double quotes."],
    [{ type: "object", additionalProperties: {} }, "[]", "Must be a JSON object."],
  ])("%j refuses %j", (schema, typed, error) => {
    expect(check(schema, typed)).toEqual({ args: {}, error });
  });

  test.each<[object, string, unknown]>([
    [{ type: "string" }, " a ", " a "],
    [{ type: "string", maxLength: 1 }, "👩", "👩"],
    [{ type: "string", pattern: "[" }, "b", "b"],
    [{ type: "integer" }, "9007199254740991", Number.MAX_SAFE_INTEGER],
    [{ type: "string", format: "nobody-knows" }, "b", "b"],
    [{ type: "integer" }, " -3 ", -3],
    [{ type: "number" }, "1e3", 1000],
    [{ type: "number", multipleOf: 0.1 }, "0.3", 0.3],
    [{ enum: ["a", 2] }, "1", 2],
    [{}, "null", null],
  ])("%j takes %j", (schema, typed, value) => {
    expect(check(schema, typed)).toEqual({ args: { member: value }, error: undefined });
  });

  test.each([{ type: "string" }, { type: "integer" }, { enum: ["a"] }, {}, { type: "boolean" }])(
    "an optional %j that is empty is not sent",
    (schema) => {
      expect(check(schema, "", false)).toEqual({ args: {}, error: undefined });
    },
  );
});

describe("lists and groups", () => {
  const form = readForm({
    type: "object",
    required: ["list"],
    properties: {
      list: { type: "array", items: { type: "integer" }, minItems: 1, maxItems: 2, uniqueItems: true },
      group: {
        type: "object",
        required: ["a"],
        properties: { a: { type: "string" }, b: { type: "string" } },
      },
    },
  });
  const rows = (...typed: string[]) => typed.map((value) => createRow(value));

  test("are sent as they were typed, and a group that may be left out is when nothing is in it", () => {
    const values = { list: rows("1", "2"), group: { a: "", b: "" } };
    expect(checkForm(form, values)).toEqual({ args: { list: [1, 2] }, errors: new Map() });
  });

  test("name each wrong part", () => {
    const list = rows("x");
    const { errors } = checkForm(form, { list, group: { a: "", b: "typed" } });
    expect([...errors]).toEqual([
      [`field.list.${list[0]?.id}`, "Enter a whole number."],
      ["field.group.a", "Enter a value."],
    ]);
  });

  test.each([
    [[], "Add at least 1 item."],
    [["1", "2", "3"], "Keep at most 2 items."],
    [["1", "1"], "No item may come twice."],
  ])("%j is refused as a list", (typed, error) => {
    const { errors } = checkForm(form, { list: rows(...typed), group: { a: "", b: "" } });
    expect(errors.get("field.list")).toBe(error);
  });
});

test("an earlier call fills the form so that the same is sent again", () => {
  const form = readForm({
    type: "object",
    required: ["text", "number", "choice", "list", "group", "flag", "any"],
    properties: {
      text: { type: "string" },
      number: { type: "number" },
      choice: { enum: [1, "1"] },
      list: { type: "array", items: { type: "object", properties: { a: { type: "integer" } } } },
      group: { type: "object", properties: { a: { type: "integer" } } },
      flag: { type: "boolean" },
      any: {},
    },
  });
  const args = {
    text: "a",
    number: 1.5,
    choice: "1",
    list: [{ a: 1 }, { a: 2 }],
    group: { a: 3 },
    flag: true,
    any: [],
  };
  expect(checkForm(form, fillGroup(form, args)).args).toEqual(args);
});

test("defaults stand in the form from the beginning", () => {
  const properties = { text: { type: "string", default: "a" }, flag: { type: "boolean", default: true } };
  expect(fillGroup(readForm({ type: "object", properties }))).toEqual({ text: "a", flag: true });
});

test.each(["^(a+)+$", "^(a|aa)+$", "^((a*)b?)*$", "^(?:(?:a+))+$", "^(([^x]+)){1,}x$", "^(a+)+$|😀(b)+"])(
  "the pattern %s, which can take for ever, is left to the server",
  (pattern) => {
    const text = `${"a".repeat(18)}!`;
    expect(check({ type: "string", pattern }, text)).toEqual({ args: { member: text }, error: undefined });
  },
);

test("a pattern is not tried on a very long text", () => {
  const text = "a".repeat(1001);
  expect(check({ type: "string", pattern: "^b$" }, text)).toEqual({
    args: { member: text },
    error: undefined,
  });
});

test.each(["constructor", "toString", "__proto__", "\ud800"])("a member may be called %j", (name) => {
  const properties = JSON.parse(`{${JSON.stringify(name)}: {}}`) as object;
  const form = readForm({ type: "object", properties });
  expect(fillGroup(form)[name]).toBe("");
  expect(checkForm(form, fillGroup(form))).toEqual({ args: {}, errors: new Map() });
});

test.each([1e10, 50_000])("a list that wants %d items starts with a few", (minItems) => {
  const items = { type: "array", items: { type: "string" }, minItems };
  const form = readForm({ type: "object", properties: { items } });
  expect(fillGroup(form)["items"]).toBeArrayOfSize(10);
});
