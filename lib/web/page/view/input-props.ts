import type { FieldErrors } from "../schema/check-value.ts";
import type { Field } from "../schema/field.ts";
import type { FormValue } from "../schema/form-value.ts";

/** What every part of a form is given. */
export interface InputProps<F extends Field = Field, V extends FormValue = FormValue> {
  readonly field: F;
  /** Also the element's id. */
  readonly path: string;
  readonly value: V;
  readonly errors: FieldErrors;
  readonly onChange: (value: V) => void;
}

/** The elements that describe a field, for screen readers. */
export function noteIds(path: string, { description }: Field, error: string | undefined): string | undefined {
  const ids = [
    ...(description === undefined ? [] : [`${path}-about`]),
    ...(error === undefined ? [] : [`${path}-error`]),
  ];
  return ids.length === 0 ? undefined : ids.join(" ");
}
