import { z } from "zod";

/** What a value is by a schema: what the schema makes of it, or the reasons why it is none. */
export type SchemaReader = (value: unknown) => z.ZodSafeParseResult<Record<string, unknown>>;

type Check = (value: unknown) => boolean;

/** Whether a schema is defined by these members, and by nothing beside. */
function isDefinedBy({ def }: z.ZodType, members: readonly string[]): boolean {
  return Object.entries(def).every(([name, value]) => value === undefined || members.includes(name));
}

/** The longest that a text may be, where the schema asks for nothing else. */
function readMaxLength({ def: { checks = [] }, minLength, maxLength }: z.ZodString): number | undefined {
  if (checks.length === 0) return Number.POSITIVE_INFINITY;
  return checks.length === 1 && minLength === null ? (maxLength ?? undefined) : undefined;
}

function compileText(schema: z.ZodString): Check | undefined {
  const maxLength = isDefinedBy(schema, ["type", "checks"]) ? readMaxLength(schema) : undefined;
  if (maxLength === undefined) return undefined;
  return (value) => typeof value === "string" && value.length <= maxLength;
}

function compileMember(schema: z.ZodType): Check | undefined {
  if (schema instanceof z.ZodString) return compileText(schema);
  if (schema instanceof z.ZodBoolean && isDefinedBy(schema, ["type"])) {
    return (value) => typeof value === "boolean";
  }
  const isInteger = schema instanceof z.ZodNumberFormat && schema.format === "safeint";
  const isPlain = isInteger && isDefinedBy(schema, ["type", "format", "check", "abort"]);
  return isPlain ? Number.isSafeInteger : undefined;
}

/**
 * Makes a quick check for the plainest schemas: objects whose members are all there, and are whole numbers, booleans
 * and texts with or without a greatest length. For them zod costs more than a small tool.
 *
 * @returns the check: true for what the schema takes, and gives back with the same members in the same order; false
 *   says nothing. Undefined for a schema that has anything else to it
 */
function compileQuickCheck(schema: z.ZodObject): Check | undefined {
  // Whatever becomes of further members: a value that has some is left to the schema.
  if (!isDefinedBy(schema, ["type", "shape", "catchall"])) return undefined;
  const names = Object.keys(schema.shape);
  // What zod makes of such a member has none of that name.
  if (names.includes("__proto__")) return undefined;
  const checks = names.flatMap((name) => compileMember(schema.shape[name] as z.ZodType) ?? []);
  if (checks.length !== names.length) return undefined;
  return (value) => {
    if (typeof value !== "object" || value === null) return false;
    if (Object.getPrototypeOf(value) !== Object.prototype) return false;
    const members = value as Readonly<Record<string, unknown>>;
    let index = 0;
    for (const name in members) {
      if (name !== names[index] || checks[index]?.(members[name]) !== true) return false;
      index++;
    }
    return index === names.length;
  };
}

/** Makes the schema's `safeParse`, in a form that costs next to nothing for the plainest schemas and good values. */
export function createSchemaReader(schema: z.ZodObject): SchemaReader {
  const isPlainlyGood = compileQuickCheck(schema);
  return (value) =>
    isPlainlyGood?.(value)
      ? { success: true, data: value as Record<string, unknown> }
      : schema.safeParse(value);
}
