import type { jsonSchemaValidator } from "@modelcontextprotocol/client";
import { CfWorkerJsonSchemaValidator } from "@modelcontextprotocol/client/validators/cf-worker";
import { quoteAtEnd } from "./remote-text.ts";
import { limitValidation } from "./validation-budget.ts";

/** What a validator says. */
export type SchemaVerdict =
  | { readonly kind: "valid" }
  /** `said` is a sentence of the validator's, safe to show; it may hold names from the schema. */
  | { readonly kind: "invalid"; readonly said: string }
  /**
   * The schema is of a dialect, or refers to a document, that is not known here, or checking might take too long: the
   * server has to judge.
   */
  | { readonly kind: "unchecked" };

/**
 * Checks a value against a JSON Schema (2020-12, or the draft that its `$schema` names) with the SDK's validator
 * that makes no code from schemas. Nothing is fetched. A schema by which the check might take too long, as one with a
 * pattern that is slow by design, is not used.
 *
 * @see https://json-schema.org/draft/2020-12/json-schema-validation
 */
export function checkAgainstSchema(value: unknown, schema: Readonly<Record<string, unknown>>): SchemaVerdict {
  try {
    // The validator writes into the schema that it is given, and so does the limit.
    const own = structuredClone(schema);
    limitValidation(own, value);
    const { valid, errorMessage } = new CfWorkerJsonSchemaValidator().getValidator(own)(value);
    return valid ? { kind: "valid" } : { kind: "invalid", said: quoteAtEnd(errorMessage) };
  } catch {
    return { kind: "unchecked" };
  }
}

/**
 * With this the SDK's client checks what a tool answers. Its own default makes code from the server's schema and runs
 * the server's patterns for as long as they take.
 */
export const answerValidator: jsonSchemaValidator = {
  getValidator<T>(schema: Readonly<Record<string, unknown>>) {
    return (input: unknown) => {
      const verdict = checkAgainstSchema(input, schema);
      return verdict.kind === "invalid"
        ? { valid: false as const, data: undefined, errorMessage: verdict.said }
        : // Whoever asks for the type has checked that the schema describes it.
          { valid: true as const, data: input as T, errorMessage: undefined };
    };
  },
};
