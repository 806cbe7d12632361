import * as fc from "fast-check";

type Schema = Readonly<Record<string, unknown>>;

/** Values that a JSON Schema of a tool's arguments calls valid; of the keywords, those that tools use. */
export function arbitraryOf(schema: Schema): fc.Arbitrary<unknown> {
  const { type, minLength, maxLength, minimum, maximum } = schema;
  const bounds = <Value>(name: string, value: unknown): { [name: string]: Value } =>
    value === undefined ? {} : { [name]: value as Value };
  switch (type) {
    case "string":
      return fc.string({
        unit: "grapheme",
        ...bounds("minLength", minLength),
        ...bounds("maxLength", Math.min(Number(maxLength ?? 200), 200)),
      });
    case "integer":
      return fc.oneof(
        fc.integer({ min: -3, max: 3 }),
        fc.maxSafeInteger().filter((n) => n >= Number(minimum ?? n) && n <= Number(maximum ?? n)),
      );
    case "boolean":
      return fc.boolean();
    case "object":
      return arbitraryObject(schema);
    default:
      throw new Error(`no arbitrary for the type ${String(type)}`);
  }
}

function arbitraryObject({ properties = {}, required = [] }: Schema): fc.Arbitrary<unknown> {
  const members = Object.entries(properties as Record<string, Schema>);
  const arbitraries = Object.fromEntries(members.map(([name, schema]) => [name, arbitraryOf(schema)]));
  return fc.record(arbitraries, { requiredKeys: [...(required as string[])] });
}
