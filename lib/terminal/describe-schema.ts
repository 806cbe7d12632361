import { neutraliseLine } from "../base/text.ts";

/** A JSON Schema from elsewhere; nothing in it is taken for granted. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** One member of an object schema, ready to be shown. All text is free of control characters. */
export interface SchemaMember {
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
  /** As JSON. */
  readonly defaultText: string | undefined;
  readonly choices: readonly string[];
  /** May have several lines. */
  readonly description: string;
}

/** Deeper schemas are shown as `any`. */
const maxDepth = 3;
/** More choices are not listed one by one. */
const maxChoices = 20;

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Shows a value as JSON on one line, cut. */
export function showJson(value: unknown): string {
  const text = neutraliseLine(JSON.stringify(value) ?? "");
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function joinTypes(schemas: readonly unknown[], depth: number): string {
  return [...new Set(schemas.slice(0, maxChoices).map((schema) => describeType(schema, depth + 1)))].join(
    " | ",
  );
}

/** Names the type of a schema, e.g. `string`, `integer[]`, `"a" | "b"`. */
export function describeType(schema: unknown, depth = 0): string {
  if (!isRecord(schema) || depth > maxDepth) return "any";
  if (Array.isArray(schema["enum"])) return schema["enum"].slice(0, maxChoices).map(showJson).join(" | ");
  if ("const" in schema) return showJson(schema["const"]);
  const alternatives = schema["anyOf"] ?? schema["oneOf"];
  if (Array.isArray(alternatives)) return joinTypes(alternatives, depth);
  const { type } = schema;
  if (Array.isArray(type)) return type.map((name) => neutraliseLine(String(name))).join(" | ");
  if (type === "array") {
    const items = describeType(schema["items"], depth + 1);
    return items.includes(" ") ? `(${items})[]` : `${items}[]`;
  }
  return typeof type === "string" ? neutraliseLine(type) : "any";
}

function describeMember(name: string, schema: unknown, isRequired: boolean): SchemaMember {
  const record = isRecord(schema) ? schema : {};
  const { description, enum: choices } = record;
  const hasChoices = Array.isArray(choices);
  return {
    name: neutraliseLine(name),
    type:
      hasChoices && typeof record["type"] === "string"
        ? neutraliseLine(record["type"])
        : describeType(schema),
    isRequired,
    defaultText: "default" in record ? showJson(record["default"]) : undefined,
    choices: hasChoices ? choices.slice(0, maxChoices).map(showJson) : [],
    description: typeof description === "string" ? description : "",
  };
}

/** Lists the members of an object schema, those that are required first. */
export function listMembers(schema: unknown): SchemaMember[] {
  if (!isRecord(schema) || !isRecord(schema["properties"])) return [];
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const members = Object.entries(schema["properties"]).map(([name, member]) =>
    describeMember(name, member, required.includes(name)),
  );
  return members.toSorted((a, b) => Number(b.isRequired) - Number(a.isRequired));
}
