import type {
  ChoiceField,
  Field,
  GroupField,
  JsonField,
  ListField,
  NumberField,
  TextField,
} from "./field.ts";
import type { FormValue, GroupValue, Row } from "./form-value.ts";

/** What is wrong, by the path of the field, in the order of the form. */
export type FieldErrors = ReadonlyMap<string, string>;

/** A form that was checked: what is sent, or what is wrong. */
export interface CheckedForm {
  readonly args: Readonly<Record<string, unknown>>;
  readonly errors: FieldErrors;
}

/** The value of a field; undefined leaves its member out. */
type Checked = { readonly value: unknown } | { readonly error: string };

const formats: Readonly<Record<string, readonly [test: (text: string) => boolean, example: string]>> = {
  email: [(text) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text), "an e-mail address like ada@contoso.com"],
  uri: [(text) => URL.canParse(text), "an address like https://contoso.com/"],
  url: [(text) => URL.canParse(text), "an address like https://contoso.com/"],
  uuid: [(text) => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text), "a UUID"],
  date: [
    (text) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)),
    "a date like 2026-01-31",
  ],
  "date-time": [
    (text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d/i.test(text) && !Number.isNaN(Date.parse(text)),
    "a time like 2026-01-31T12:00:00Z",
  ],
};

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** Repetitions side by side take the time of their number of letters to a power. */
const maxPatternText = 1000;

/**
 * Whether a repeated group repeats or chooses within: such a pattern can take longer than anybody waits, while the
 * whole page stands still.
 */
function canExplode(pattern: string): boolean {
  const plain = pattern.replace(/\\.|\[(?:\\.|[^\]\\])*\]/gs, "x");
  const groups = [false];
  const characters = [...plain];
  for (const [index, character] of characters.entries()) {
    if (character === "(") groups.push(false);
    else if (character === ")") {
      const isVaried = groups.pop() ?? false;
      if (isVaried && /[*+{]/.test(characters[index + 1] ?? "")) return true;
      groups.push((groups.pop() ?? false) || isVaried);
    } else if (/[*+{|]/.test(character)) groups[groups.length - 1] = true;
  }
  return false;
}

/** A pattern that this browser cannot read, or not in time, is left to the server. */
function matchesPattern(text: string, pattern: string): boolean {
  if (text.length > maxPatternText || canExplode(pattern)) return true;
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    return true;
  }
}

function findTextError(text: string, field: TextField): string | undefined {
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern, format = "" } = field;
  const { length } = [...text];
  if (length < minLength) return `Enter at least ${plural(minLength, "character")}.`;
  if (length > maxLength) return `Enter at most ${plural(maxLength, "character")}; now there are ${length}.`;
  if (pattern !== undefined && !matchesPattern(text, pattern)) return `Must match the pattern ${pattern}`;
  const [isGood, example] = (Object.hasOwn(formats, format) ? formats[format] : undefined) ?? [];
  return isGood && !isGood(text) ? `Enter ${example}.` : undefined;
}

function findNumberError(value: number, field: NumberField): string | undefined {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = field;
  if (!Number.isFinite(value)) return "This number is beyond what can be sent.";
  if (field.isInteger && !Number.isInteger(value)) return "Enter a whole number.";
  // Beyond this, computers that read JSON take one whole number for another.
  if (field.isInteger && !Number.isSafeInteger(value))
    return "This number has too many digits to be sent exactly.";
  if (minimum !== undefined && value < minimum) return `Must be at least ${minimum}.`;
  if (maximum !== undefined && value > maximum) return `Must be at most ${maximum}.`;
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum)
    return `Must be more than ${exclusiveMinimum}.`;
  if (exclusiveMaximum !== undefined && value >= exclusiveMaximum)
    return `Must be less than ${exclusiveMaximum}.`;
  if (multipleOf === undefined) return undefined;
  const quotient = value / multipleOf;
  return Math.abs(quotient - Math.round(quotient)) > 1e-9
    ? `Must be a multiple of ${multipleOf}.`
    : undefined;
}

function checkNumber(text: string, field: NumberField): Checked {
  const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text);
  if (!isNumber) return { error: field.isInteger ? "Enter a whole number." : "Enter a number." };
  const value = Number(text);
  const error = findNumberError(value, field);
  return error === undefined ? { value } : { error };
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value;
}

function checkJson(text: string, { type }: JsonField): Checked {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { error: "This is not JSON. A text stands in double quotes." };
  }
  const isRight = type === undefined || type === typeOf(value);
  return isRight ? { value } : { error: `Must be a JSON ${type}.` };
}

function checkText(text: string, field: TextField | NumberField | ChoiceField | JsonField): Checked {
  const entered = field.kind === "text" ? text : text.trim();
  if (entered === "") {
    if (!field.isRequired) return { value: undefined };
    return { error: field.kind === "choice" ? "Choose one." : "Enter a value." };
  }
  switch (field.kind) {
    case "number":
      return checkNumber(entered, field);
    case "choice":
      return { value: field.choices[Number(entered)] };
    case "json":
      return checkJson(entered, field);
    default: {
      const error = findTextError(entered, field);
      return error === undefined ? { value: entered } : { error };
    }
  }
}

function findListError(values: readonly unknown[], field: ListField): string | undefined {
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY, hasUniqueItems } = field;
  if (values.length < minItems) return `Add at least ${plural(minItems, "item")}.`;
  if (values.length > maxItems) return `Keep at most ${plural(maxItems, "item")}.`;
  const distinct = new Set(values.map((value) => JSON.stringify(value)));
  return hasUniqueItems && distinct.size < values.length ? "No item may come twice." : undefined;
}

/** The path of a field in the form; also its element's id. */
export function pathOf(parent: string, name: string): string {
  return `${parent}.${encodeURIComponent(name.toWellFormed())}`;
}

class Checker {
  readonly errors = new Map<string, string>();

  #take(path: string, checked: Checked): unknown {
    if ("value" in checked) return checked.value;
    this.errors.set(path, checked.error);
    return undefined;
  }

  #list(path: string, field: ListField, rows: readonly Row[]): unknown {
    if (rows.length === 0 && !field.isRequired) return undefined;
    const values = rows.map((row) => this.check(pathOf(path, row.id), field.item, row.value));
    const error = findListError(values, field);
    return this.#take(path, error === undefined ? { value: values } : { error });
  }

  group(path: string, { fields }: GroupField, values: GroupValue): Record<string, unknown> {
    const entries = fields.map((field): [string, unknown] => {
      return [field.name, this.check(pathOf(path, field.name), field, values[field.name] ?? "")];
    });
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  }

  /** The shapes of values follow the kinds of fields: `fillField` made them. */
  check(path: string, field: Field, value: FormValue): unknown {
    switch (field.kind) {
      case "switch":
        return value === true;
      case "list":
        return this.#list(path, field, value as readonly Row[]);
      case "group": {
        if (!field.isRequired && isBlank(value)) return undefined;
        return this.group(path, field, value as GroupValue);
      }
      default:
        return this.#take(path, checkText(String(value), field));
    }
  }
}

/** Whether nothing was entered in a group that may be left out. */
function isBlank(value: FormValue): boolean {
  if (typeof value === "string") return value.trim() === "";
  if (typeof value === "boolean") return !value;
  return Array.isArray(value) ? value.length === 0 : Object.values(value as GroupValue).every(isBlank);
}

/** Path of the whole form. */
export const rootPath = "field";

/** Checks a form before anything is sent. */
export function checkForm(form: GroupField, values: GroupValue): CheckedForm {
  const checker = new Checker();
  const args = checker.group(rootPath, form, values);
  return { args, errors: checker.errors };
}
