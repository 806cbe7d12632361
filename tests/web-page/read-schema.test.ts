import { describe, expect, test } from "bun:test";
import { labelOf, readForm } from "../../lib/web/page/schema/read-schema.ts";
import type { Field } from "../../lib/web/page/schema/field.ts";

/** The field of a member with this schema; not required. */
function fieldOf(schema: object, document: object = {}): Field | undefined {
  return readForm({ type: "object", properties: { member: schema }, ...document }).fields[0];
}

const node = { type: "object", properties: { name: { type: "string" }, next: { $ref: "#/$defs/node" } } };

describe("the form of a schema", () => {
  test.each<[string, object, object]>([
    ["a short text", { type: "string", maxLength: 40 }, { kind: "text", isLong: false, maxLength: 40 }],
    ["a long text", { type: "string", maxLength: 4000 }, { kind: "text", isLong: true }],
    ["a text without a limit", { type: "string" }, { kind: "text", isLong: true }],
    [
      "a text of a format",
      { type: "string", format: "date" },
      { kind: "text", isLong: false, format: "date" },
    ],
    ["a whole number", { type: "integer", minimum: 1 }, { kind: "number", isInteger: true, minimum: 1 }],
    [
      "a number",
      { type: "number", exclusiveMaximum: 2 },
      { kind: "number", isInteger: false, exclusiveMaximum: 2 },
    ],
    ["an enum", { enum: ["a", 1, null] }, { kind: "choice", choices: ["a", 1, null] }],
    ["a constant", { const: 7 }, { kind: "choice", choices: [7] }],
    ["a switch with a default", { type: "boolean", default: true }, { kind: "switch", preset: true }],
    ["a switch that may be left open", { type: "boolean" }, { kind: "choice", choices: [true, false] }],
    ["a list", { type: "array", items: { type: "string" }, minItems: 1 }, { kind: "list", minItems: 1 }],
    ["a group", { type: "object", properties: { a: { type: "number" } } }, { kind: "group" }],
    ["a map", { type: "object", additionalProperties: { type: "string" } }, { kind: "json", type: "object" }],
    ["a tuple", { type: "array", prefixItems: [{}, {}] }, { kind: "json", type: "array" }],
    ["one of several", { anyOf: [{ type: "string" }, { type: "number" }] }, { kind: "json" }],
    ["anything", {}, { kind: "json" }],
    ["text or null", { anyOf: [{ type: "string" }, { type: "null" }] }, { kind: "text" }],
    ["text or null, in one word", { type: ["string", "null"] }, { kind: "text" }],
    ["what no schema may be", { type: "string", maxLength: "many" }, { kind: "text" }],
  ])("asks for %s", (_, schema, expected) => {
    expect(fieldOf(schema)).toMatchObject({
      name: "member",
      label: "Member",
      isRequired: false,
      ...expected,
    });
  });

  test("follows references within the document, and not for ever", () => {
    const field = fieldOf({ $ref: "#/$defs/node", description: "Ours." }, { $defs: { node } });
    expect(field).toMatchObject({ kind: "group", description: "Ours." });
    expect(JSON.stringify(field)).toContain('"kind":"json"');
    expect(fieldOf({ $ref: "#/$defs/missing" })).toMatchObject({ kind: "json" });
    expect(fieldOf({ $ref: "https://example.com/schema" })).toMatchObject({ kind: "json" });
  });

  test("knows what is required", () => {
    const { fields } = readForm({
      type: "object",
      properties: { a: { type: "string" }, b: { type: "string" } },
      required: ["b"],
    });
    expect(fields.map(({ name, isRequired }) => [name, isRequired])).toEqual([
      ["a", false],
      ["b", true],
    ]);
  });

  test("has no fields where the tool takes none", () => {
    expect(readForm({ type: "object" }).fields).toEqual([]);
  });
});

test.each([
  ["max_items", "Max items"],
  ["maxItems", "Max items"],
  ["query", "Query"],
  ["user-id", "User id"],
])("%s is read as %s", (name, label) => {
  expect(labelOf(name)).toBe(label);
});

test.each(["#/%", "#/%E0%A4%A", "#/$defs/~", "#/constructor", "https://evil.example/schema"])(
  "a reference to %s, which is nowhere, is written as JSON",
  ($ref) => {
    expect(fieldOf({ $ref })).toMatchObject({ kind: "json" });
  },
);

const countFields = (field: Field | undefined): number =>
  field?.kind === "group" ? field.fields.reduce((sum, each) => sum + countFields(each), 1) : 1;

test("a schema that names itself many times makes a form of bounded size", () => {
  const names = Array.from({ length: 30 }, (_, index) => [`p${index}`, { $ref: "#/$defs/wide" }] as const);
  const wide = { type: "object", properties: Object.fromEntries(names) };
  expect(countFields(fieldOf({ $ref: "#/$defs/wide" }, { $defs: { wide } }))).toBeLessThan(400);
});
