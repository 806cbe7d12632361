import { AppError } from "../../lib/base/errors.ts";
import { quote } from "../../lib/base/text.ts";
import { checkAgainstSchema } from "../../lib/transport/client/check-schema.ts";
import type { ArgumentWord, GivenArguments } from "./argument-sources.ts";
import { coerceArgument } from "./coerce-argument.ts";
import { describeFault, FaultFinder } from "./find-fault.ts";
import { parseJson } from "./parse-json.ts";
import { isRecord, type JsonSchema } from "./schema-reference.ts";

function readJson({ key, text }: ArgumentWord): unknown {
  const parsed = parseJson(text);
  if (parsed) return parsed.value;
  const said = `The argument ${quote(key)} takes JSON, and ${quote(text)} is none.`;
  throw new AppError("invalid_arguments", said);
}

function schemaOf(key: string, { properties, additionalProperties }: JsonSchema): unknown {
  if (isRecord(properties) && Object.hasOwn(properties, key)) return properties[key];
  return isRecord(additionalProperties) ? additionalProperties : {};
}

/**
 * Makes the arguments of a tool from what was given, by the tool's schema.
 *
 * @throws `invalid_arguments` for what is unknown, missing, of the wrong type or otherwise not as the schema says
 */
export async function makeToolArguments(
  { members, words }: GivenArguments,
  schema: JsonSchema,
): Promise<Record<string, unknown>> {
  const finder = new FaultFinder(schema);
  const args = new Map(Object.entries(members));
  const readers = { root: schema, finder };
  for (const word of words) {
    const value = word.isJson ? readJson(word) : coerceArgument(word, schemaOf(word.key, schema), readers);
    args.set(word.key, value);
  }
  const made = Object.fromEntries(args);
  const fault = finder.find(schema, made);
  if (fault) throw new AppError("invalid_arguments", describeFault(fault));
  if (finder.isExhausted) return made;
  const verdict = checkAgainstSchema(made, schema);
  if (verdict.kind === "invalid") {
    throw new AppError("invalid_arguments", `The arguments are not as the tool wants them: ${verdict.said}`);
  }
  return made;
}
