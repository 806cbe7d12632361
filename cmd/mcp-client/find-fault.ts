import { isDeepStrictEqual } from "node:util";
import { didYouMean } from "../../lib/base/nearest.ts";
import { quote } from "../../lib/base/text.ts";
import { describeType, showJson } from "../../lib/terminal/describe-schema.ts";
import { faultyBounds } from "./schema-bounds.ts";
import { isRecord, type JsonSchema, resolveReference } from "./schema-reference.ts";

/*
 * Explains to a person what is wrong with a value, in the keywords that tools use: types, choices, bounds,
 * members. It does not decide: that is the validator's, which knows the rest of JSON Schema, too.
 */

/** Where a value does not fit a schema. */
export interface Fault {
  readonly path: readonly (string | number)[];
  /** Completes the sentence "The argument x …", without a full stop, or with what follows it. */
  readonly problem: string;
}

type Path = Fault["path"];

const maxDepth = 24;
/** Schemas looked at for one value: a document of references to itself could keep us busy for ever. */
const maxSchemas = 10_000;
const maxChoices = 20;

const typeWords: Readonly<Record<string, string>> = {
  string: "text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a JSON list",
  object: "a JSON object",
  null: "null",
};

/** Names types for people: `a whole number or null`. */
export function nameTypes(types: readonly string[]): string {
  return types.map((type) => typeWords[type] ?? quote(type, 40)).join(" or ");
}

function isOfType(value: unknown, type: unknown): boolean {
  switch (type) {
    case "integer":
      return Number.isInteger(value);
    case "array":
      return Array.isArray(value);
    case "object":
      return isRecord(value);
    case "null":
      return value === null;
    case "string":
    case "number":
    case "boolean":
      return typeof value === type;
    default:
      return true;
  }
}

function choiceFault(value: unknown, choices: readonly unknown[], path: Path): Fault | undefined {
  if (choices.some((choice) => isDeepStrictEqual(choice, value))) return undefined;
  const listed = choices.slice(0, maxChoices).map(showJson).join(", ");
  const texts = choices.filter((choice) => typeof choice === "string");
  const nearest = typeof value === "string" ? didYouMean(value, texts) : "";
  const more = choices.length > maxChoices ? ", …" : "";
  return { path, problem: `takes one of ${listed}${more}, not ${showJson(value)}.${nearest}` };
}

/** Finds the first fault of values in one schema document. */
export class FaultFinder {
  readonly #root: JsonSchema;
  #left = maxSchemas;

  constructor(root: JsonSchema) {
    this.#root = root;
  }

  /** Whether the schema was too large to be gone through; then a validator might never end. */
  get isExhausted(): boolean {
    return this.#left < 0;
  }

  /** The first fault, outermost first; undefined where none was found, which is no promise that there is none. */
  find(schema: unknown, value: unknown, path: Path = []): Fault | undefined {
    if (schema === false) return { path, problem: "is not allowed" };
    if (!isRecord(schema) || path.length > maxDepth || --this.#left < 0) return undefined;
    return (
      this.#findInReference(schema, value, path) ??
      this.#findOwn(schema, value, path) ??
      (isRecord(value) ? this.#findInMembers(schema, value, path) : undefined) ??
      (Array.isArray(value) ? this.#findInItems(schema, value, path) : undefined) ??
      this.#findInParts(schema, value, path)
    );
  }

  #findInReference({ $ref: reference }: JsonSchema, value: unknown, path: Path): Fault | undefined {
    if (typeof reference !== "string") return undefined;
    return this.find(resolveReference(reference, this.#root), value, path);
  }

  #findOwn(schema: JsonSchema, value: unknown, path: Path): Fault | undefined {
    const { type, enum: choices } = schema;
    const types = (Array.isArray(type) ? type : [type]).filter((name) => typeof name === "string");
    if (Array.isArray(choices)) return choiceFault(value, choices, path);
    if ("const" in schema) return choiceFault(value, [schema["const"]], path);
    if (types.length > 0 && !types.some((name) => isOfType(value, name))) {
      return { path, problem: `takes ${nameTypes(types)}, not ${showJson(value)}` };
    }
    const problem = faultyBounds(schema, value);
    return problem === undefined ? undefined : { path, problem };
  }

  #findInMembers(schema: JsonSchema, value: JsonSchema, path: Path): Fault | undefined {
    const properties = isRecord(schema["properties"]) ? schema["properties"] : {};
    const { required, additionalProperties } = schema;
    const hasPatterns = isRecord(schema["patternProperties"]);
    for (const name of Object.keys(value)) {
      if (Object.hasOwn(properties, name) || additionalProperties !== false || hasPatterns) continue;
      return { path: [...path, name], problem: `is unknown.${didYouMean(name, Object.keys(properties))}` };
    }
    for (const name of Array.isArray(required) ? required : []) {
      if (typeof name !== "string" || Object.hasOwn(value, name)) continue;
      return { path: [...path, name], problem: `is missing${this.#explainMissing(name, value, properties)}` };
    }
    return this.#first(Object.entries(value), ([name, member]) => {
      const own = Object.hasOwn(properties, name) ? properties[name] : undefined;
      const rest = hasPatterns ? undefined : additionalProperties;
      return this.find(own ?? rest, member, [...path, name]);
    });
  }

  /** Where more members are allowed, a slip of the pen is an extra one. */
  #explainMissing(name: string, value: JsonSchema, properties: JsonSchema): string {
    const extra = Object.keys(value).find(
      (key) => !Object.hasOwn(properties, key) && didYouMean(key, [name]) !== "",
    );
    return extra === undefined ? "" : `. Did you mean it by ${quote(extra)}?`;
  }

  #findInItems(schema: JsonSchema, value: readonly unknown[], path: Path): Fault | undefined {
    const first = Array.isArray(schema["prefixItems"]) ? schema["prefixItems"] : [];
    return this.#first([...value.entries()], ([index, item]) =>
      this.find(index < first.length ? first[index] : schema["items"], item, [...path, index]),
    );
  }

  #findInParts({ allOf, anyOf, oneOf }: JsonSchema, value: unknown, path: Path): Fault | undefined {
    const all = this.#first(Array.isArray(allOf) ? allOf : [], (part) => this.find(part, value, path));
    if (all) return all;
    for (const alternatives of [anyOf, oneOf]) {
      if (!Array.isArray(alternatives) || alternatives.length === 0) continue;
      const fault = this.#findInAlternatives(alternatives, value, path);
      if (fault) return fault;
    }
    return undefined;
  }

  /** Of alternatives that all fail, the one that was meant is the one of which something fits. */
  #findInAlternatives(alternatives: readonly unknown[], value: unknown, path: Path): Fault | undefined {
    const faults: Fault[] = [];
    for (const alternative of alternatives) {
      const fault = this.find(alternative, value, path);
      if (!fault) return undefined;
      faults.push(fault);
    }
    const inside = faults.filter((fault) => fault.path.length > path.length);
    const [only] = faults.length === 1 ? faults : inside;
    if (only && (faults.length === 1 || inside.length === 1)) return only;
    const wanted = alternatives.map((schema) => this.#describe(schema)).join(" or ");
    return { path, problem: `takes ${wanted}, not ${showJson(value)}` };
  }

  #describe(schema: unknown): string {
    const { $ref: reference, type } = isRecord(schema) ? schema : {};
    const target = typeof reference === "string" ? resolveReference(reference, this.#root) : schema;
    const word =
      isRecord(target) && !("enum" in target) && !("const" in target) ? typeWords[String(type)] : undefined;
    return word ?? describeType(target);
  }

  #first<T>(list: readonly T[], find: (item: T) => Fault | undefined): Fault | undefined {
    for (const item of list) {
      const fault = find(item);
      if (fault) return fault;
    }
    return undefined;
  }
}

/** The fault as a sentence, e.g. `The argument "filter.tags[0]" takes text, not 5.` */
export function describeFault({ path, problem }: Fault): string {
  const name = path
    .map((step, index) => (typeof step === "number" ? `[${step}]` : index === 0 ? step : `.${step}`))
    .join("");
  const subject = path.length === 0 ? "What the tool is called with" : `The argument ${quote(name)}`;
  return `${subject} ${problem}${/[.?]$/.test(problem) ? "" : "."}`;
}
