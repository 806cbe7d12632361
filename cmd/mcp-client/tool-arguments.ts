import { AppError } from "../../lib/base/errors.ts";
import { didYouMean } from "../../lib/base/nearest.ts";
import { quote } from "../../lib/base/text.ts";

/** The parts of a JSON Schema that decide how a word of the command line is read. */
interface Property {
  readonly type?: unknown;
  readonly enum?: unknown;
}

type Schema = Readonly<Record<string, unknown>>;

function readProperties(schema: Schema): Readonly<Record<string, Property>> {
  const { properties } = schema;
  return typeof properties === "object" && properties !== null
    ? (properties as Record<string, Property>)
    : {};
}

function refuse(problem: string): AppError {
  return new AppError("invalid_arguments", problem);
}

function parseJson(key: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refuse(`The argument ${quote(key)} takes JSON, and ${quote(text)} is none.`);
  }
}

function parseNumber(key: string, text: string, isInteger: boolean): number {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (isInteger ? Number.isSafeInteger(value) : Number.isFinite(value)) return value;
  throw refuse(
    `The argument ${quote(key)} takes ${isInteger ? "a whole number" : "a number"}, not ${quote(text)}.`,
  );
}

function parseBoolean(key: string, text: string): boolean {
  if (text === "true" || text === "false") return text === "true";
  throw refuse(`The argument ${quote(key)} takes true or false, not ${quote(text)}.`);
}

/** Reads a word by the type that the schema gives; a text stays a text, `id=007` too. */
function coerce(key: string, text: string, { type }: Property): unknown {
  switch (type) {
    case "integer":
    case "number":
      return parseNumber(key, text, type === "integer");
    case "boolean":
      return parseBoolean(key, text);
    case "array":
    case "object":
    case "null":
      return parseJson(key, text);
    default:
      return text;
  }
}

function checkChoice(key: string, value: unknown, { enum: choices }: Property): void {
  if (!Array.isArray(choices) || choices.includes(value)) return;
  const listed = choices.map((choice) => quote(choice, 40)).join(", ");
  throw refuse(`The argument ${quote(key)} takes one of ${listed}, not ${quote(value)}.`);
}

function splitWord(word: string): { key: string; text: string; isJson: boolean } {
  const at = word.indexOf("=");
  if (at < 1) throw refuse(`An argument is written key=value or key:=JSON, not ${quote(word)}.`);
  const isJson = word[at - 1] === ":";
  return { key: word.slice(0, isJson ? at - 1 : at), text: word.slice(at + 1), isJson };
}

/**
 * Reads `key=value` and `key:=JSON` words as the arguments of a tool, by its schema.
 *
 * @throws `invalid_arguments` for what is unknown, missing, given twice or of the wrong type
 */
export function parseToolArguments(words: readonly string[], schema: Schema): Record<string, unknown> {
  const properties = readProperties(schema);
  const args = new Map<string, unknown>();
  for (const word of words) {
    const { key, text, isJson } = splitWord(word);
    if (!Object.hasOwn(properties, key) && schema["additionalProperties"] === false) {
      const names = Object.keys(properties);
      throw refuse(`The tool has no argument ${quote(key)}.${didYouMean(key, names)}`);
    }
    if (args.has(key)) throw refuse(`The argument ${quote(key)} is given twice.`);
    const property = Object.hasOwn(properties, key) ? (properties[key] ?? {}) : {};
    const value = isJson ? parseJson(key, text) : coerce(key, text, property);
    checkChoice(key, value, property);
    args.set(key, value);
  }
  const { required } = schema;
  const missing = (Array.isArray(required) ? required : []).filter((key) => !args.has(String(key)));
  if (missing.length > 0) {
    throw refuse(`The tool needs the argument ${missing.map((key) => quote(key)).join(" and ")}.`);
  }
  return Object.fromEntries(args);
}
