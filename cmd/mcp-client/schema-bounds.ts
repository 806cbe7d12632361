import { showJson } from "../../lib/terminal/describe-schema.ts";
import type { JsonSchema } from "./schema-reference.ts";

interface Bound {
  readonly keyword: string;
  readonly words: string;
  readonly isKept: (size: number, limit: number) => boolean;
}

const numberBounds: readonly Bound[] = [
  { keyword: "minimum", words: "at least", isKept: (size, limit) => size >= limit },
  { keyword: "maximum", words: "at most", isKept: (size, limit) => size <= limit },
  { keyword: "exclusiveMinimum", words: "more than", isKept: (size, limit) => size > limit },
  { keyword: "exclusiveMaximum", words: "less than", isKept: (size, limit) => size < limit },
];

const textBounds: readonly Bound[] = [
  { keyword: "minLength", words: "at least", isKept: (size, limit) => size >= limit },
  { keyword: "maxLength", words: "at most", isKept: (size, limit) => size <= limit },
];

const listBounds: readonly Bound[] = [
  { keyword: "minItems", words: "at least", isKept: (size, limit) => size >= limit },
  { keyword: "maxItems", words: "at most", isKept: (size, limit) => size <= limit },
];

function findBroken(schema: JsonSchema, size: number, bounds: readonly Bound[]): string | undefined {
  for (const { keyword, words, isKept } of bounds) {
    const limit = schema[keyword];
    if (typeof limit === "number" && !isKept(size, limit)) return `${words} ${limit}`;
  }
  return undefined;
}

/** What is wrong with a value's size, as the end of a sentence, or nothing. */
export function faultyBounds(schema: JsonSchema, value: unknown): string | undefined {
  if (typeof value === "number") {
    const broken = findBroken(schema, value, numberBounds);
    return broken && `takes ${broken}, not ${showJson(value)}`;
  }
  if (typeof value === "string") {
    // JSON Schema counts characters, not UTF-16 units.
    const broken = findBroken(schema, [...value].length, textBounds);
    return broken && `takes ${broken} characters`;
  }
  const broken = Array.isArray(value) ? findBroken(schema, value.length, listBounds) : undefined;
  return broken && `takes ${broken} items, not ${(value as readonly unknown[]).length}`;
}
