import type { Field, GroupField, TextField } from "./field.ts";

type Schema = Readonly<Record<string, unknown>>;

/** Deeper parts, also of schemas that refer to themselves, are written as JSON. */
const maxDepth = 4;
/** So many fields make a form that nobody fills in: what comes after them is written as JSON. */
const maxFields = 300;
/** A text that may be longer than this gets several lines. */
const lineLength = 120;

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(schema: Schema, keyword: string): string | undefined {
  const value = schema[keyword];
  return typeof value === "string" && value !== "" ? value : undefined;
}

function number(schema: Schema, keyword: string): number | undefined {
  const value = schema[keyword];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** Leaves out what is undefined, as exact optional members want it. */
function given<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** `max_items` and `maxItems` become "Max items". */
export function labelOf(name: string): string {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replace(/[_-]+/g, " ")
    .trim()
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

interface Reading {
  readonly root: Schema;
  readonly depth: number;
  /** Shared by the whole form: a schema that names itself often grows with every level. */
  readonly count: { fields: number };
}

/** Undoes both escapes of a step (RFC 6901 section 6); undefined where it has none that anybody could have meant. */
function decodeStep(step: string): string | undefined {
  try {
    return decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
  } catch {
    return undefined;
  }
}

/** Follows `$ref` within the document (JSON Pointer, RFC 6901); anything else stays as it is. */
function resolve(schema: Schema, { root }: Reading): Schema {
  const reference = text(schema, "$ref");
  if (reference === undefined || !reference.startsWith("#/")) return schema;
  let found: unknown = root;
  for (const step of reference.slice(2).split("/")) {
    const key = decodeStep(step);
    found = key !== undefined && isSchema(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  }
  if (!isSchema(found)) return schema;
  const { $ref: _, ...beside } = schema;
  return { ...found, ...beside };
}

/** A choice between one thing and null is that thing, which may be left out. */
function withoutNull(schema: Schema): Schema {
  const options = schema["anyOf"] ?? schema["oneOf"];
  if (Array.isArray(options)) {
    const others = options.filter((option) => isSchema(option) && option["type"] !== "null");
    const { anyOf: _, oneOf: __, ...beside } = schema;
    if (others.length === 1 && isSchema(others[0])) return { ...others[0], ...beside };
  }
  const types = schema["type"];
  if (!Array.isArray(types)) return schema;
  const others = types.filter((type) => type !== "null");
  return others.length === 1 ? { ...schema, type: others[0] } : schema;
}

function readText(schema: Schema): Omit<TextField, "name" | "label" | "isRequired"> {
  const maxLength = number(schema, "maxLength");
  const format = text(schema, "format");
  const pattern = text(schema, "pattern");
  return {
    kind: "text",
    isLong: format === undefined && pattern === undefined && (maxLength ?? Infinity) > lineLength,
    ...given({
      minLength: number(schema, "minLength"),
      maxLength,
      pattern,
      format,
    }),
  };
}

function readNumber(schema: Schema) {
  const limits = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"] as const;
  const read = Object.fromEntries(limits.map((limit) => [limit, number(schema, limit)]));
  return { kind: "number", isInteger: schema["type"] === "integer", ...given(read) } as const;
}

function readList(schema: Schema, reading: Reading) {
  const items = schema["items"];
  if (!isSchema(items) || schema["prefixItems"] !== undefined) return undefined;
  const item = readField({ name: "", label: "Item", isRequired: true }, items, {
    ...reading,
    depth: reading.depth + 1,
  });
  const limits = given({ minItems: number(schema, "minItems"), maxItems: number(schema, "maxItems") });
  return { kind: "list", item, hasUniqueItems: schema["uniqueItems"] === true, ...limits } as const;
}

/** Undefined for objects whose members are not all named. */
function readGroup(schema: Schema, reading: Reading) {
  const properties = schema["properties"];
  if (!isSchema(properties) || isSchema(schema["additionalProperties"])) return undefined;
  const names = Object.keys(properties);
  if (names.length === 0 && reading.depth > 0) return undefined;
  const required: unknown = schema["required"];
  const fields = names.map((name) => {
    const member = properties[name];
    const isRequired = Array.isArray(required) && required.includes(name);
    const inner = { ...reading, depth: reading.depth + 1 };
    return readField({ name, label: labelOf(name), isRequired }, isSchema(member) ? member : {}, inner);
  });
  return { kind: "group", fields } as const;
}

function readKind(schema: Schema, reading: Reading) {
  if (++reading.count.fields > maxFields) return undefined;
  const choices = "const" in schema ? [schema["const"]] : schema["enum"];
  if (Array.isArray(choices) && choices.length > 0) return { kind: "choice", choices } as const;
  const type = schema["type"];
  if (type === "string") return readText(schema);
  if (type === "number" || type === "integer") return readNumber(schema);
  if (type === "boolean") return { kind: "switch" } as const;
  if (reading.depth < maxDepth && type === "array") return readList(schema, reading);
  return reading.depth < maxDepth && type === "object" ? readGroup(schema, reading) : undefined;
}

function readField(
  base: { readonly name: string; readonly label: string; readonly isRequired: boolean },
  raw: Schema,
  reading: Reading,
): Field {
  const schema = withoutNull(resolve(withoutNull(resolve(raw, reading)), reading));
  const common = {
    ...base,
    label: text(schema, "title") ?? base.label,
    ...given({ description: text(schema, "description"), preset: schema["default"] }),
  };
  const read = readKind(schema, reading);
  // A box that is not ticked says no, and here saying nothing is something else.
  const isOpen = read?.kind === "switch" && !base.isRequired && !("default" in schema);
  const kind = isOpen ? ({ kind: "choice", choices: [true, false] } as const) : read;
  return kind
    ? { ...common, ...kind }
    : { ...common, kind: "json", ...given({ type: text(schema, "type") }) };
}

/**
 * Reads the form of a tool from the JSON Schema of its arguments. It decides what is asked for and what is checked
 * before sending; the server checks everything again, by the whole schema.
 */
export function readForm(schema: Schema): GroupField {
  const group = readGroup(schema, { root: schema, depth: 0, count: { fields: 0 } });
  return { name: "", label: "", isRequired: true, kind: "group", fields: [], ...group };
}
