import { quoteAtEnd } from "./remote-text.ts";

/** What a validator says. */
export type SchemaVerdict =
  | { readonly kind: "valid" }
  /** `said` is a sentence of the validator's, safe to show; it may hold names from the schema. */
  | { readonly kind: "invalid"; readonly said: string }
  /** The schema is of a dialect, or refers to a document, that is not known here: the server has to judge. */
  | { readonly kind: "unchecked" };

/**
 * Checks a value against a JSON Schema (2020-12, or the draft that its `$schema` names) with the SDK's validator
 * that makes no code from schemas. Nothing is fetched. It is loaded when it is first needed.
 *
 * It does not limit the time that a hostile schema can take: a pattern may be slow by design.
 *
 * @see https://json-schema.org/draft/2020-12/json-schema-validation
 */
export async function checkAgainstSchema(
  value: unknown,
  schema: Readonly<Record<string, unknown>>,
): Promise<SchemaVerdict> {
  const { CfWorkerJsonSchemaValidator } = await import("@modelcontextprotocol/client/validators/cf-worker");
  try {
    // The validator writes into the schema that it is given.
    const validate = new CfWorkerJsonSchemaValidator().getValidator(structuredClone(schema));
    const { valid, errorMessage } = validate(value);
    return valid ? { kind: "valid" } : { kind: "invalid", said: quoteAtEnd(errorMessage) };
  } catch {
    return { kind: "unchecked" };
  }
}
