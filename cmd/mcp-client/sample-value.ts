import { sampleText } from "./sample-text.ts";
import { isRecord, type JsonSchema, resolveReference } from "./schema-reference.ts";

const maxDepth = 12;
const maxItems = 100;
/** Schemas looked at for one value: a small document of references to itself could keep us busy for ever. */
const maxSchemas = 10_000;

function merge(left: JsonSchema, right: JsonSchema): JsonSchema {
  const properties = { ...(left["properties"] as object), ...(right["properties"] as object) };
  const required = [left["required"], right["required"]].flatMap((names) =>
    Array.isArray(names) ? names : [],
  );
  return { ...left, ...right, properties, required };
}

class Sampler {
  readonly #root: JsonSchema;
  #left = maxSchemas;

  constructor(root: JsonSchema) {
    this.#root = root;
  }

  /** One schema without `$ref`, `allOf`, and with the first alternative of `anyOf` and `oneOf`. */
  #flatten(schema: unknown, depth: number): JsonSchema {
    if (!isRecord(schema) || depth > maxDepth || --this.#left < 0) return {};
    const { $ref: reference, allOf, anyOf, oneOf, ...own } = schema;
    const parts = [
      ...(typeof reference === "string" ? [resolveReference(reference, this.#root)] : []),
      ...(Array.isArray(allOf) ? allOf : []),
      ...(Array.isArray(anyOf) ? anyOf.slice(0, 1) : []),
      ...(Array.isArray(oneOf) ? oneOf.slice(0, 1) : []),
    ];
    const flat = parts.map((part) => this.#flatten(part, depth + 1));
    return flat.reduce((all, part) => merge(part, all), own);
  }

  sample(schema: unknown, depth = 0): unknown {
    const flat = this.#flatten(schema, depth);
    for (const key of ["const", "default"]) if (key in flat) return flat[key];
    for (const key of ["examples", "enum"]) {
      const list = flat[key];
      if (Array.isArray(list) && list.length > 0) return list[0];
    }
    switch (typeOf(flat)) {
      case "object":
        return this.#sampleObject(flat, depth);
      case "array":
        return this.#sampleArray(flat, depth);
      case "integer":
      case "number":
        return sampleNumber(flat);
      case "boolean":
        return true;
      case "null":
        return null;
      default:
        return sampleText(flat);
    }
  }

  #sampleObject(schema: JsonSchema, depth: number): Record<string, unknown> {
    const properties = isRecord(schema["properties"]) ? schema["properties"] : {};
    const names = Array.isArray(schema["required"]) ? schema["required"] : [];
    const wanted = depth > maxDepth ? [] : names.filter((name) => typeof name === "string");
    const members = wanted.map((name) => {
      const property = Object.hasOwn(properties, name) ? properties[name] : {};
      return [name, this.sample(property, depth + 1)] as const;
    });
    return Object.fromEntries(members);
  }

  #sampleArray(schema: JsonSchema, depth: number): unknown[] {
    const { minItems, prefixItems, items } = schema;
    const first = Array.isArray(prefixItems) ? prefixItems : [];
    const least = typeof minItems === "number" ? minItems : 0;
    const length = depth > maxDepth ? 0 : Math.min(Math.max(least, first.length), maxItems);
    return Array.from({ length }, (_, index) => this.sample(first[index] ?? items, depth + 1));
  }
}

function typeOf(schema: JsonSchema): unknown {
  const { type } = schema;
  if (Array.isArray(type)) return type.find((name) => name !== "null") ?? type[0];
  if (type !== undefined) return type;
  return isRecord(schema["properties"]) && Object.keys(schema["properties"]).length > 0 ? "object" : "string";
}

function numberIn(schema: JsonSchema, key: string): number | undefined {
  const value = schema[key];
  return typeof value === "number" ? value : undefined;
}

/** 1 where that is allowed, else the bound that forbids it, moved onto a multiple. */
function sampleNumber(schema: JsonSchema): number {
  const step = numberIn(schema, "multipleOf") ?? 1;
  const above = numberIn(schema, "exclusiveMinimum");
  const below = numberIn(schema, "exclusiveMaximum");
  const least = numberIn(schema, "minimum") ?? (above === undefined ? undefined : above + step);
  const most = numberIn(schema, "maximum") ?? (below === undefined ? undefined : below - step);
  const wanted = Math.min(Math.max(1, least ?? 1), most ?? Number.POSITIVE_INFINITY);
  if (schema["multipleOf"] === undefined && schema["type"] !== "integer") return wanted;
  return wanted === most && wanted < 1 ? Math.floor(wanted / step) * step : Math.ceil(wanted / step) * step;
}

/**
 * Makes a value for a JSON Schema: `const`, else `default`, else the first of `examples`, else of `enum`, else the
 * simplest value of the type within its bounds. Objects get their required members only. What is beyond this
 * (`if`, `not`, `dependentSchemas`, hard patterns) is not honoured: the server says so when it is called.
 */
export function sampleValue(schema: JsonSchema): unknown {
  return new Sampler(schema).sample(schema);
}

/** Makes the arguments for a tool, or the content of a form: always an object. */
export function sampleObject(schema: JsonSchema): Record<string, unknown> {
  const value = sampleValue({ type: "object", ...schema });
  return isRecord(value) ? { ...value } : {};
}
