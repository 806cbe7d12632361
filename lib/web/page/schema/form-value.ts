import type { Field, GroupField } from "./field.ts";

/** A list's rows keep their identity while rows before them go. */
export interface Row {
  readonly id: string;
  readonly value: FormValue;
}

/** What stands in a field, as it was typed. */
export type FormValue = string | boolean | readonly Row[] | GroupValue;

/** What stands in a group of fields, by name. */
export interface GroupValue {
  readonly [name: string]: FormValue;
}

/** Makes a row of a list. */
export function createRow(value: FormValue): Row {
  return { id: crypto.randomUUID(), value };
}

/** Which choice a value is; empty where it is none. JSON tells `1` and `"1"` apart. */
function indexOfChoice(choices: readonly unknown[], value: unknown): string {
  const wanted = JSON.stringify(value);
  const index = choices.findIndex((choice) => JSON.stringify(choice) === wanted);
  return index === -1 ? "" : String(index);
}

function emptyRows(minItems = 0): readonly undefined[] {
  return Array.from({ length: Math.min(minItems, maxEmptyRows) });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A list starts with no more empty rows than these, whatever its schema wants in the end. */
const maxEmptyRows = 10;

/** Fills a field with a value: its default, or an argument of an earlier call. */
export function fillField(field: Field, given: unknown = field.preset): FormValue {
  switch (field.kind) {
    case "switch":
      return given === true;
    case "choice": {
      const isOnly = field.isRequired && field.choices.length === 1;
      return isOnly ? "0" : indexOfChoice(field.choices, given);
    }
    case "list": {
      const values = Array.isArray(given) ? given : emptyRows(field.minItems);
      return values.map((value: unknown) => createRow(fillField(field.item, value ?? field.item.preset)));
    }
    case "group":
      return fillGroup(field, given);
    case "json":
      return given === undefined ? "" : JSON.stringify(given, undefined, 2);
    default:
      return typeof given === "string" || typeof given === "number" ? String(given) : "";
  }
}

/** Fills a whole form. */
export function fillGroup(group: GroupField, given?: unknown): GroupValue {
  const values = isRecord(given) ? given : {};
  return Object.fromEntries(
    group.fields.map((field) => {
      // A member may be called what every object has, like "constructor".
      const value = Object.hasOwn(values, field.name) ? values[field.name] : undefined;
      return [field.name, fillField(field, value ?? field.preset)];
    }),
  );
}
