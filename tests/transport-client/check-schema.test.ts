import { describe, expect, test } from "bun:test";
import { checkAgainstSchema } from "../../lib/transport/client/check-schema.ts";
import { estimatePatternCost } from "../../lib/transport/client/pattern-cost.ts";

const victim = `${"a".repeat(60)}!`;

/** Each reference is followed twice, and so on: 2^60 looks at the last one. */
function doubling(depth: number): Record<string, unknown> {
  const $defs: Record<string, unknown> = { [`d${depth}`]: { minLength: 1000 } };
  for (let level = 0; level < depth; level++) {
    const next = { $ref: `#/$defs/d${level + 1}` };
    $defs[`d${level}`] = { not: { anyOf: [{ not: next }, { not: next }] } };
  }
  return { $defs, $ref: "#/$defs/d0" };
}

/** The same with members in between, so that the value leads the way. */
function nested(depth: number): unknown {
  let value: unknown = {};
  for (let level = 0; level < depth; level++) value = { a: value };
  return value;
}
const self = { properties: { a: { anyOf: [{ allOf: [{ $ref: "#" }, false] }, { $ref: "#" }] } } };

describe("a schema that is slow by design is left to the server", () => {
  test.each<[string, unknown, Record<string, unknown>]>([
    ["a repeated repetition", victim, { pattern: "^(a+)+$" }],
    ["a repeated choice", victim, { pattern: "^(a|a)*$" }],
    ["a counted repetition of a repetition", victim, { pattern: "^(a+){1,60}$" }],
    ["many repetitions in a row", victim, { pattern: `^${"a*".repeat(60)}$` }],
    ["many that may be left out", victim, { pattern: `^${"a?".repeat(60)}${"a".repeat(60)}$` }],
    ["many choices in a row", victim, { pattern: `^${"(a|a)".repeat(60)}$` }],
    ["a back reference", victim, { pattern: String.raw`^(a*)\1\1\1$` }],
    ["a look ahead", victim, { pattern: "^(?=(a+)+$)" }],
    ["a pattern of names", { [victim]: 1 }, { patternProperties: { "^(a+)+$": true } }],
    ["a pattern in a list", [victim], { items: { pattern: "^(a+)+$" } }],
    ["references that double", "x", doubling(60)],
    ["a reference to itself that doubles", nested(60), self],
    ["a reference to itself", "x", { $ref: "#" }],
    ["a very large schema", 1, { enum: Array.from({ length: 30_000 }, () => ({})) }],
    ["a very deep schema", 1, { not: JSON.parse(`${'{"not":'.repeat(50_000)}{}${"}".repeat(50_000)}`) }],
    ["a very deep value", JSON.parse("[".repeat(50_000) + "]".repeat(50_000)), { type: "array" }],
  ])("%s", (_, value, schema) => {
    expect(checkAgainstSchema(value, schema)).toEqual({ kind: "unchecked" });
  });
});

describe("an ordinary schema is used", () => {
  const rows = Array.from({ length: 2000 }, (_, id) => ({ id, name: `row ${id}`, tags: ["a", "b"] }));
  const table = {
    type: "array",
    items: { $ref: "#/$defs/row" },
    $defs: {
      row: {
        type: "object",
        required: ["id", "name"],
        properties: {
          id: { type: "integer" },
          name: { type: "string", pattern: "^[a-z]+ [0-9]+$" },
          tags: { type: "array", uniqueItems: true, items: { enum: ["a", "b"] } },
        },
        additionalProperties: false,
      },
    },
  };
  const tree = {
    type: "object",
    properties: { value: { type: "number" }, children: { type: "array", items: { $ref: "#" } } },
    required: ["value"],
  };
  test.each<[string, Record<string, unknown>, unknown, unknown]>([
    ["a short pattern", { pattern: "^[A-Z]{2}[0-9]{3}-?[a-z]*$" }, "AB123-x", "AB12"],
    ["an address of mail", { pattern: String.raw`^[^@\s]+@[^@\s]+\.[a-z]{2,}$` }, "a@b.cd", "a@b"],
    ["a part that may be missing", { pattern: String.raw`^\d+(\.\d+)?$` }, "1.5", "1."],
    ["a large table", table, rows.slice(0, 500), [...rows.slice(0, 500), { id: "x" }]],
    ["a tree", tree, { value: 1, children: [{ value: 2 }] }, { value: 1, children: [{}] }],
  ])("%s", (_, schema, good, bad) => {
    const before = structuredClone(schema);
    expect(checkAgainstSchema(good, schema).kind).toBe("valid");
    expect(checkAgainstSchema(bad, schema).kind).toBe("invalid");
    expect(schema).toEqual(before);
  });
});

test("that many items differ is left to the server, and the rest is checked", () => {
  const schema = { uniqueItems: true, items: { type: "integer" } };
  const many = Array.from({ length: 200_000 }, (_, index) => index);
  expect(checkAgainstSchema([1, 2, 2], schema).kind).toBe("invalid");
  expect(checkAgainstSchema([...many.slice(0, 3000), 1], schema).kind).toBe("valid");
  expect(checkAgainstSchema([...many.slice(0, 3000), "x"], schema).kind).toBe("invalid");
  expect(checkAgainstSchema(many, schema).kind).toBe("unchecked");
});

test("the ways of a pattern are never fewer than it has", () => {
  expect(estimatePatternCost("^a$", 10)).toBeLessThan(20);
  expect(estimatePatternCost("^a+b+$", 10)).toBeGreaterThan(10 * 10);
  expect(estimatePatternCost("a+b+", 10)).toBeGreaterThan(10 * 10 * 10);
  expect(estimatePatternCost("^a+?b*?$", 10)).toBe(estimatePatternCost("^a+?b*?$", 10));
  expect(estimatePatternCost("^[(a+)+]$", 10)).toBeLessThan(50);
  expect(estimatePatternCost(String.raw`^\(a\)+$`, 10)).toBeLessThan(500);
  for (const pattern of [
    "(a+)+",
    "(a{2}){3,}",
    "(?:a*)*",
    "(?<n>a)+",
    String.raw`(a)\1`,
    "(?!a)",
    "(?<=a)b",
  ]) {
    expect(estimatePatternCost(pattern, 10)).toBe(Infinity);
  }
});
