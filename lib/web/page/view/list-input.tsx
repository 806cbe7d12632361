import type { ReactNode } from "react";
import type { ListField } from "../schema/field.ts";
import { pathOf } from "../schema/check-value.ts";
import { createRow, fillField, type Row } from "../schema/form-value.ts";
import type { InputProps } from "./input-props.ts";

interface ListInputProps extends InputProps<ListField, readonly Row[]> {
  /** Draws an item: the form does, as items may be of any kind. */
  readonly renderItem: (item: InputProps) => ReactNode;
}

/** A list whose items are added and removed. */
export function ListInput({ field, path, value, errors, onChange, renderItem }: ListInputProps) {
  const error = errors.get(path);
  const isFull = value.length >= (field.maxItems ?? Number.POSITIVE_INFINITY);
  return (
    <fieldset
      className="group"
      id={path}
      tabIndex={-1}
      aria-describedby={error === undefined ? undefined : `${path}-error`}
    >
      <legend>
        {field.label} {field.isRequired ? null : <span className="field-kind">optional</span>}
      </legend>
      {field.description === undefined ? null : <p className="field-about">{field.description}</p>}
      {value.map((row, index) => (
        <div className="row" key={row.id}>
          {renderItem({
            field: { ...field.item, label: `${field.item.label} ${index + 1}` },
            path: pathOf(path, row.id),
            value: row.value,
            errors,
            onChange: (next) =>
              onChange(value.map((each) => (each === row ? { ...row, value: next } : each))),
          })}
          <button
            type="button"
            className="button small"
            aria-label={`Remove item ${index + 1} of ${field.label}`}
            onClick={() => onChange(value.filter((each) => each !== row))}
          >
            Remove
          </button>
        </div>
      ))}
      <button
        type="button"
        className="button small"
        disabled={isFull}
        onClick={() => onChange([...value, createRow(fillField(field.item))])}
      >
        Add to {field.label.toLowerCase()}
      </button>
      <p className="field-error" id={`${path}-error`}>
        {error}
      </p>
    </fieldset>
  );
}
