import { neutraliseLine } from "../base/text.ts";
import { isRecord, type JsonSchema } from "./describe-schema.ts";

/** What a field of a form may hold. */
export type FieldValue = string | number | boolean | string[];

/** One of several values, and what people read. */
export interface FieldChoice {
  readonly value: string;
  readonly title: string;
}

/** A field of a form that a server wants filled in. All text is made safe, the values of choices apart. */
export interface FormField {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly kind: "text" | "number" | "integer" | "yes-no" | "choice" | "choices";
  readonly isRequired: boolean;
  readonly choices: readonly FieldChoice[];
  readonly default: FieldValue | undefined;
  readonly schema: JsonSchema;
}

/** What was typed, read: a value, nothing (left out), or why not. */
export type FieldReading =
  | { readonly kind: "value"; readonly value: FieldValue }
  | { readonly kind: "nothing" }
  | { readonly kind: "fault"; readonly fault: string };

function textOf(value: unknown): string {
  return typeof value === "string" ? neutraliseLine(value) : "";
}

/** Choices as MCP writes them: `enum` (with `enumNames`), or `oneOf`/`anyOf` of `const` and `title`. */
function choicesOf(schema: JsonSchema): FieldChoice[] {
  const { enum: values, enumNames: names } = schema;
  if (Array.isArray(values)) {
    return values.map((value, at) => {
      const name: unknown = Array.isArray(names) ? names[at] : undefined;
      return { value: String(value), title: textOf(name) || neutraliseLine(String(value)) };
    });
  }
  const options = schema["oneOf"] ?? schema["anyOf"];
  if (!Array.isArray(options)) return [];
  return options.filter(isRecord).map((option) => {
    const value = String(option["const"]);
    return { value, title: textOf(option["title"]) || neutraliseLine(value) };
  });
}

function kindOf({ type }: JsonSchema, choices: readonly FieldChoice[]): FormField["kind"] {
  if (type === "array") return "choices";
  if (choices.length > 0) return "choice";
  if (type === "boolean") return "yes-no";
  return type === "number" || type === "integer" ? type : "text";
}

function defaultOf(value: unknown): FieldValue | undefined {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return Array.isArray(value) ? value.map(String) : undefined;
}

/** The fields of a flat object schema, in its order. */
export function listFields(schema: JsonSchema): FormField[] {
  const { properties, required } = schema;
  if (!isRecord(properties)) return [];
  return Object.entries(properties).map(([name, member]) => {
    const own = isRecord(member) ? member : {};
    const items = isRecord(own["items"]) ? own["items"] : {};
    const choices = choicesOf(own["type"] === "array" ? items : own);
    return {
      name,
      title: textOf(own["title"]) || neutraliseLine(name),
      description: textOf(own["description"]),
      kind: kindOf(own, choices),
      isRequired: Array.isArray(required) && required.includes(name),
      choices,
      default: defaultOf(own["default"]),
      schema: own,
    };
  });
}

const formats: ReadonlyMap<unknown, readonly [test: RegExp, what: string]> = new Map(
  Object.entries({
    email: [/^[^\s@]+@[^\s@]+\.[^\s@]+$/, "an e-mail address"] as const,
    uri: [/^[a-z][a-z0-9+.-]*:\S+$/i, "an address such as https://example.com"] as const,
    date: [/^\d{4}-\d{2}-\d{2}$/, "a date such as 2026-11-23"] as const,
    "date-time": [
      /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/,
      "a time such as 2026-11-23T12:00:00Z",
    ] as const,
  }),
);

const value = (given: FieldValue): FieldReading => ({ kind: "value", value: given });
const fault = (text: string): FieldReading => ({ kind: "fault", fault: text });

function readText(text: string, { minLength, maxLength, format, pattern }: JsonSchema): FieldReading {
  const length = [...text].length;
  if (typeof minLength === "number" && length < minLength) return fault(`At least ${minLength} characters.`);
  if (typeof maxLength === "number" && length > maxLength) return fault(`At most ${maxLength} characters.`);
  const [test, what] = formats.get(format) ?? [];
  if (test && !test.test(text)) return fault(`It must be ${what}.`);
  // A pattern of the server is not run: it could take for ever. The server checks it itself.
  return typeof pattern === "string" && text === "" ? fault("It must not be empty.") : value(text);
}

function readNumber(text: string, { schema, kind }: FormField): FieldReading {
  const number = Number(text);
  const { minimum, maximum } = schema;
  if (text === "" || !Number.isFinite(number)) return fault("It must be a number.");
  if (kind === "integer" && !Number.isSafeInteger(number)) return fault("It must be a whole number.");
  if (typeof minimum === "number" && number < minimum) return fault(`It must be ${minimum} or more.`);
  if (typeof maximum === "number" && number > maximum) return fault(`It must be ${maximum} or less.`);
  return value(number);
}

function findChoice(text: string, choices: readonly FieldChoice[]): string | undefined {
  const wanted = text.toLowerCase();
  const byText = choices.find(({ value: own, title }) => own === text || title.toLowerCase() === wanted);
  return (byText ?? choices[/^\d{1,4}$/.test(text) ? Number(text) - 1 : -1])?.value;
}

function readChoices(text: string, { choices, schema }: FormField): FieldReading {
  const words = text.split(",").map((word) => word.trim());
  const chosen = words.filter((word) => word !== "").map((word) => findChoice(word, choices));
  if (chosen.includes(undefined)) return fault("Numbers or names of the list, with commas between them.");
  const values = [...new Set(chosen.filter((one) => one !== undefined))];
  const { minItems, maxItems } = schema;
  if (typeof minItems === "number" && values.length < minItems) return fault(`At least ${minItems} of them.`);
  if (typeof maxItems === "number" && values.length > maxItems) return fault(`At most ${maxItems} of them.`);
  return value(values);
}

/** Reads what a person typed into a field. Nothing typed means the default, else that the field is left out. */
export function readField(typed: string, field: FormField): FieldReading {
  const text = typed.trim();
  if (text === "") {
    if (field.default !== undefined) return value(field.default);
    return field.isRequired ? fault("It is required.") : { kind: "nothing" };
  }
  if (field.kind === "number" || field.kind === "integer") return readNumber(text, field);
  if (field.kind === "choices") return readChoices(text, field);
  if (field.kind === "choice") {
    const chosen = findChoice(text, field.choices);
    return chosen === undefined ? fault("A number or a name of the list.") : value(chosen);
  }
  if (field.kind === "text") return readText(typed, field.schema);
  if (/^(?:y|yes|true)$/i.test(text)) return value(true);
  return /^(?:n|no|false)$/i.test(text) ? value(false) : fault("yes or no.");
}
