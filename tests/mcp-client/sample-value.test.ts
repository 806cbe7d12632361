import { describe, expect, test } from "bun:test";
import { sampleText } from "../../cmd/mcp-client/sample-text.ts";
import { sampleObject, sampleValue } from "../../cmd/mcp-client/sample-value.ts";

describe("a value made from a schema", () => {
  test.each([
    [{ const: 5, default: 6 }, 5],
    [{ type: "string", default: "d", examples: ["e"], enum: ["n"] }, "d"],
    [{ type: "string", examples: ["e"], enum: ["n"] }, "e"],
    [{ enum: ["n", "m"] }, "n"],
    [{ type: "string" }, "text"],
    [{ type: ["null", "integer"] }, 1],
    [{ type: "null" }, null],
    [{ type: "boolean" }, true],
    [{ type: "integer" }, 1],
    [{ type: "integer", minimum: 7.2 }, 8],
    [{ type: "integer", maximum: -3 }, -3],
    [{ type: "integer", exclusiveMinimum: 4 }, 5],
    [{ type: "number", exclusiveMaximum: 0 }, -1],
    [{ type: "number", minimum: 2.5 }, 2.5],
    [{ type: "number", minimum: 7, multipleOf: 5 }, 10],
    [{ type: "array", items: { type: "string" } }, []],
    [{ type: "array", items: { type: "string" }, minItems: 2 }, ["text", "text"]],
    [{ type: "array", prefixItems: [{ const: 1 }, { const: 2 }] }, [1, 2]],
    [{ anyOf: [{ type: "integer" }, { type: "string" }] }, 1],
    [{ oneOf: [{ const: "a", title: "A" }, { const: "b" }] }, "a"],
    [{ properties: { a: {} }, required: ["a"] }, { a: "text" }],
    [{}, "text"],
  ])("%j is %j", (schema, value) => {
    expect(sampleValue(schema)).toEqual(value);
  });

  test("has the required members only", () => {
    const schema = {
      type: "object",
      properties: { a: { type: "integer" }, b: { type: "string" }, c: { default: 3 } },
      required: ["a", "unknown"],
    };
    expect(sampleObject(schema)).toEqual({ a: 1, unknown: "text" });
  });

  test("follows references within the schema: pointers, definitions, anchors", () => {
    const schema = {
      type: "object",
      $defs: { "a/b": { type: "integer" }, named: { $anchor: "here", const: "x" } },
      properties: {
        p: { $ref: "#/$defs/a~1b" },
        q: { $ref: "#here" },
        r: { $ref: "#/properties/p", default: 9 },
      },
      required: ["p", "q", "r"],
    };
    expect(sampleObject(schema)).toEqual({ p: 1, q: "x", r: 9 });
  });

  test.each(["https://evil.example/schema.json", "other.json", "#/nowhere", "#nowhere", "#/__proto__"])(
    "takes the reference %s for anything, and fetches nothing",
    ($ref) => {
      expect(sampleObject({ type: "object", properties: { a: { $ref } }, required: ["a"] })).toEqual({
        a: "text",
      });
    },
  );

  test("joins what allOf demands", () => {
    const schema = {
      allOf: [
        { properties: { a: { type: "integer" } }, required: ["a"] },
        { properties: { b: { type: "boolean" } }, required: ["b"] },
      ],
    };
    expect(sampleObject(schema)).toEqual({ a: 1, b: true });
  });

  test("comes to an end with a schema that refers to itself", () => {
    const self = { $ref: "#" };
    const bomb = {
      type: "object",
      allOf: Array.from({ length: 50 }, () => self),
      properties: { a: self },
      required: ["a"],
    };
    expect(sampleObject(bomb)).toHaveProperty("a");
    const list = { type: "array", minItems: 1e9, items: { type: "array", minItems: 1e9, items: {} } };
    expect(sampleValue(list)).toHaveLength(100);
  });

  test("is an object, whatever the schema says", () => {
    expect(sampleObject({ type: "string" })).toEqual({});
    expect(sampleObject({ default: [1] })).toEqual({});
  });
});

describe("a text made from rules", () => {
  test.each([
    [{ format: "email" }, "person@example.com"],
    [{ minLength: 6 }, "texttt"],
    [{ maxLength: 2 }, "te"],
    [{ pattern: "^[A-Z]{3}-\\d{4}$" }, "AAA-0000"],
    [{ pattern: "^v\\d+\\.\\d+$" }, "v0.0"],
    [{ pattern: "^[\\w]+@x$" }, "a@x"],
    [{ pattern: "colou?r" }, "color"],
    [{ pattern: "^(a|b)$" }, "text"],
    [{ pattern: "[^a]" }, "text"],
    [{ pattern: "\\b" }, "text"],
    [{ pattern: "^a{9999}{9999}$" }, "text"],
    [{ pattern: 5, minLength: "x" }, "text"],
  ])("%j is %j", (rules, text) => {
    expect(sampleText(rules)).toBe(text);
  });

  test("fits its easy pattern, which is never run", () => {
    for (const pattern of ["^[A-Z]{3}-\\d{4}$", "^[a-f0-9]{8}$", "^\\+\\d{1,3} \\d+$", "^[-_.]x*$"]) {
      expect(sampleText({ pattern })).toMatch(new RegExp(pattern));
    }
    expect(sampleText({ pattern: "^(a+)+$" })).toBe("text");
  });

  test("is never longer than 10,000 characters", () => {
    expect(sampleText({ minLength: 1e12 })).toHaveLength(10_000);
  });
});
