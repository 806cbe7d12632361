/** A JSON Schema from elsewhere; nothing in it is taken for granted. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function decodeFragment(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

function followPointer(root: unknown, pointer: string): unknown {
  const steps = pointer.split("/").slice(1);
  return steps.reduce<unknown>((value, step) => {
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
    return (isRecord(value) || Array.isArray(value)) && Object.hasOwn(value, key)
      ? (value as JsonSchema)[key]
      : undefined;
  }, root);
}

function findAnchor(root: JsonSchema, anchor: string): unknown {
  const definitions = Object.values({ ...(isRecord(root["$defs"]) ? root["$defs"] : {}) });
  return definitions.find((schema) => isRecord(schema) && schema["$anchor"] === anchor);
}

/**
 * Finds what a reference within the document means; one to anywhere else is never fetched and means anything.
 *
 * @see https://json-schema.org/draft/2020-12/json-schema-core#section-8.2.3.1
 */
export function resolveReference(reference: string, root: JsonSchema): JsonSchema {
  if (!reference.startsWith("#")) return {};
  const fragment = decodeFragment(reference.slice(1));
  const isPointer = fragment === "" || fragment.startsWith("/");
  const found = isPointer ? followPointer(root, fragment) : findAnchor(root, fragment);
  return isRecord(found) ? found : {};
}
