import { AppError } from "../../lib/base/errors.ts";
import { quote } from "../../lib/base/text.ts";
import { describeFault, type FaultFinder, nameTypes } from "./find-fault.ts";
import { parseJson } from "./parse-json.ts";
import { isRecord, type JsonSchema, resolveReference } from "./schema-reference.ts";

const maxDepth = 12;

function typeOfValue(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : typeof value;
}

/** The JSON types that a schema lets through, as far as that can be seen; none: any. */
function typesOf(schema: unknown, root: JsonSchema, depth = 0): readonly string[] {
  if (!isRecord(schema) || depth > maxDepth) return [];
  const { type, enum: choices, $ref: reference, allOf } = schema;
  if (Array.isArray(choices)) return [...new Set(choices.map(typeOfValue))];
  if ("const" in schema) return [typeOfValue(schema["const"])];
  if (type !== undefined) return (Array.isArray(type) ? type : [type]).map(String);
  if (typeof reference === "string") return typesOf(resolveReference(reference, root), root, depth + 1);
  const alternatives = schema["anyOf"] ?? schema["oneOf"];
  if (Array.isArray(alternatives)) {
    const each = alternatives.map((part) => typesOf(part, root, depth + 1));
    return each.some((types) => types.length === 0) ? [] : [...new Set(each.flat())];
  }
  const parts = Array.isArray(allOf) ? allOf.map((part) => typesOf(part, root, depth + 1)) : [];
  return parts.find((types) => types.length > 0) ?? [];
}

function readNumber(text: string, isWhole: boolean): number | undefined {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  return (isWhole ? Number.isSafeInteger(value) : Number.isFinite(value)) ? value : undefined;
}

/** The text read as each of the types that it can be read as. A text comes first: `id=007` keeps its zeros. */
function readAs(text: string, types: readonly string[]): unknown[] {
  if (types.length === 0) return [text];
  const asText = types.includes("string") ? [text] : [];
  const word = text.trim();
  const json = types.some((type) => type === "array" || type === "object") ? parseJson(word) : undefined;
  const readings = types.flatMap((type): unknown[] => {
    switch (type) {
      case "integer":
      case "number":
        return [readNumber(word, type === "integer")];
      case "boolean":
        return word === "true" || word === "false" ? [word === "true"] : [];
      case "null":
        return word === "null" ? [null] : [];
      default:
        return json !== undefined && typeOfValue(json.value) === type ? [json.value] : [];
    }
  });
  return [...asText, ...readings.filter((reading) => reading !== undefined)];
}

/**
 * Reads a text of the command line by the schema of its argument. Where the schema allows text, it is text; where
 * it does not fit as text but fits as something else, it is that.
 *
 * @throws `invalid_arguments` saying what is taken
 */
export function coerceArgument(
  { key, text }: { readonly key: string; readonly text: string },
  schema: unknown,
  { root, finder }: { readonly root: JsonSchema; readonly finder: FaultFinder },
): unknown {
  const types = typesOf(schema, root);
  const readings = readAs(text, types);
  const fitting = readings.find((reading) => finder.find(schema, reading, [key]) === undefined);
  if (fitting !== undefined) return fitting;
  const [first] = readings;
  const fault = first === undefined ? undefined : finder.find(schema, first, [key]);
  const taken = `takes ${nameTypes(types)}, not ${quote(text)}`;
  throw new AppError("invalid_arguments", describeFault(fault ?? { path: [key], problem: taken }));
}
