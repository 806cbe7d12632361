import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { z } from "zod";
import { builtInTools } from "../../lib/tools/built-in.ts";
import { createSchemaReader } from "../../lib/tools/schema-reader.ts";

/** Schemas of every kind that is known, and of those that must not be taken for one. */
const members: readonly z.ZodType[] = [
  z.int(),
  z.boolean(),
  z.string(),
  z.string().max(3),
  z.string().max(3).describe("Short."),
  z.string().max(3).min(1),
  z.string().min(2),
  z.string().length(2),
  z.string().trim(),
  z.string().max(3).toUpperCase(),
  z.string().refine((text) => text !== "ab"),
  z.string().optional(),
  z.string().nullable(),
  z.string().default("ab"),
  z.email(),
  z.number(),
  z.int().min(0),
  z.int32(),
  z.number().int(),
  z.coerce.number(),
  z.coerce.string(),
  z.coerce.boolean(),
  z.stringbool(),
  z.literal("ab"),
  z.enum(["ab", "c"]),
  z.unknown(),
];

const toObjects = (shape: Record<string, z.ZodType>) => [
  z.object(shape),
  z.strictObject(shape),
  z.looseObject(shape),
  z.object(shape).catchall(z.int()),
  z.strictObject(shape).refine((value) => Object.values(value)[0] !== 7),
];

const names = fc.constantFrom("a", "b", "toString", "__proto__");
const texts = ["", "ab", "abc", "abcd", "a@b.cd", " ab ", "true", "5"];
const numbers = [0, -0, 7, 0.5, -1, 2 ** 31, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY];
const samples: readonly unknown[] = [...texts, ...numbers, true, false, null, undefined, [], ["ab"], {}];
const values = fc.oneof(fc.constantFrom(...samples), fc.string({ maxLength: 4 }));

/** An object as `JSON.parse` makes it: `__proto__` is a member like any other. */
function toObject(entries: readonly (readonly [string, unknown])[]): object {
  const object = {};
  for (const [name, value] of entries) {
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return object;
}

/** What a reader says, to the order of the members. */
function outcomeOf({ success, data, error }: z.ZodSafeParseResult<unknown>): unknown {
  return success ? JSON.stringify([Object.entries(data as object)]) : error.issues;
}

function expectSame(schema: z.ZodObject, input: unknown): void {
  expect(outcomeOf(createSchemaReader(schema)(input))).toEqual(outcomeOf(schema.safeParse(input)));
}

describe("a reader of a schema", () => {
  test("says of each kind of member what the schema says", () => {
    for (const member of members) {
      for (const schema of toObjects({ a: member })) {
        for (const value of samples) {
          const inputs = [{ a: value }, { a: value, b: 1 }, { b: value }, {}, value];
          for (const input of inputs) expectSame(schema as z.ZodObject, input);
        }
      }
    }
  });

  test("says of every value what the schema says", () => {
    const shapes = fc.uniqueArray(
      fc.tuple(fc.constantFrom("a", "b", "toString", "__proto__"), fc.constantFrom(...members)),
      {
        selector: ([name]) => name,
        maxLength: 3,
      },
    );
    const entries = fc.array(fc.tuple(names, values), { maxLength: 4 });
    fc.assert(
      fc.property(shapes, fc.nat(4), entries, fc.boolean(), (shape, kind, drawn, isNamed) => {
        const schema = toObjects(Object.fromEntries(shape))[kind] as z.ZodObject;
        // Names that are drawn are seldom those of the shape.
        const named = drawn.map(([name, value], index) => [shape[index]?.[0] ?? name, value] as const);
        expectSame(schema, toObject(isNamed ? named : drawn));
      }),
      { numRuns: 3000 },
    );
  });

  test("leaves out a member by the name of __proto__, as the schema does", () => {
    const schema = z.strictObject({ ["__proto__"]: z.int(), a: z.int() });
    const value = toObject([
      ["__proto__", 1],
      ["a", 2],
    ]);
    expect(Object.entries(createSchemaReader(schema)(value).data ?? {})).toEqual([["a", 2]]);
  });

  test("gives an object of some class as the schema makes it", () => {
    class Answer {
      a = 1;
      toJSON() {
        return "something else";
      }
    }
    expect(createSchemaReader(z.strictObject({ a: z.int() }))(new Answer()).data).toStrictEqual({ a: 1 });
  });

  test("does not ask a plain schema of a good value", () => {
    const value = { a: 1, b: "ab", c: true };
    const shape = { a: z.int(), b: z.string().max(2), c: z.boolean() };
    for (const schema of [z.object(shape), z.strictObject(shape), z.looseObject(shape)]) {
      // The schema would have made another object.
      expect(createSchemaReader(schema)(value).data).toBe(value);
    }
  });

  test("does not ask the schema of a tool that is delivered, where the value is good", () => {
    const good: Readonly<Record<string, readonly [object, object]>> = {
      random_number_tool: [{ min: 1, max: 2 }, { random_number: 1 }],
      reverse_tool: [{ query: "ab" }, { reversed_query: "ba" }],
    };
    for (const { name, input, output } of builtInTools({ reverseSeconds: 0 })) {
      const [args = {}, result = {}] = good[name] ?? [];
      // A schema would have made another object.
      expect(createSchemaReader(input)(args).data).toBe(args as Record<string, unknown>);
      expect(createSchemaReader(output)(result).data).toBe(result as Record<string, unknown>);
    }
  });
});
