import type { ChoiceField, Field, NumberField, TextField } from "../schema/field.ts";
import { formatChoice } from "./format.ts";
import { Frame } from "./field-frame.tsx";
import { type InputProps, noteIds } from "./input-props.ts";

/** The limits of all whole numbers, which schemas name without need, tell nobody anything. */
function asTold(limit: number | undefined): number | undefined {
  return limit === undefined || Math.abs(limit) >= Number.MAX_SAFE_INTEGER ? undefined : limit;
}

/** The limits of a field in words. */
function describeLimits(field: TextField | NumberField): string {
  if (field.kind === "text") {
    const { minLength = 0, maxLength } = field;
    if (maxLength === undefined) return minLength > 0 ? `at least ${minLength} characters` : "";
    const most = maxLength.toLocaleString("en");
    return minLength > 0 ? `${minLength} to ${most} characters` : `at most ${most} characters`;
  }
  const { isInteger } = field;
  const [minimum, maximum] = [field.minimum, field.maximum].map(asTold);
  const noun = isInteger ? "whole number" : "number";
  if (minimum !== undefined && maximum !== undefined) return `${noun}, ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `${noun}, at least ${minimum}`;
  return maximum === undefined ? noun : `${noun}, at most ${maximum}`;
}

/** One of the values that the schema names. */
export function ChoiceInput({ field, path, value, errors, onChange }: InputProps<ChoiceField, string>) {
  const error = errors.get(path);
  return (
    <Frame field={field} path={path} error={error}>
      <select
        id={path}
        className="input"
        value={value}
        required={field.isRequired}
        aria-invalid={error !== undefined}
        aria-describedby={noteIds(path, field, error)}
        onChange={(event) => onChange(event.target.value)}
      >
        <option value="">{field.isRequired ? "Choose" : "Not set"}</option>
        {field.choices.map((choice, index) => (
          // Schemas never change: the place is the identity.
          <option key={String(index)} value={String(index)}>
            {formatChoice(choice, field.choices)}
          </option>
        ))}
      </select>
    </Frame>
  );
}

/** Text, numbers and JSON. Numbers are typed as text: the browser's own number field hides what it cannot read. */
export function TextInput({ field, path, value, errors, onChange }: InputProps<Field, string>) {
  const error = errors.get(path);
  const isNumber = field.kind === "number";
  const isLong = field.kind === "json" || (field.kind === "text" && field.isLong);
  const common = {
    id: path,
    className: field.kind === "json" ? "input mono" : "input",
    value,
    required: field.isRequired,
    "aria-invalid": error !== undefined,
    "aria-describedby": noteIds(path, field, error),
    autoComplete: "off",
    spellCheck: false,
  };
  // The browser's date field hides what is no date, and a default may be none.
  const isDate = field.kind === "text" && field.format === "date" && /^(\d{4}-\d\d-\d\d)?$/.test(value);
  const limits = isNumber || field.kind === "text" ? describeLimits(field) : "JSON";
  return (
    <Frame field={field} path={path} error={error} limits={limits}>
      {isLong ? (
        <textarea {...common} rows={3} onChange={(event) => onChange(event.target.value)} />
      ) : (
        <input
          {...common}
          type={isDate ? "date" : "text"}
          inputMode={isNumber ? "decimal" : undefined}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Frame>
  );
}

/** Yes or no. */
export function SwitchInput({ field, path, value, errors, onChange }: InputProps<Field, boolean>) {
  const error = errors.get(path);
  return (
    <div className="field switch">
      <input
        type="checkbox"
        id={path}
        checked={value}
        aria-describedby={noteIds(path, field, error)}
        onChange={(event) => onChange(event.target.checked)}
      />
      <label htmlFor={path}>{field.label}</label>
      {field.description === undefined ? null : (
        <p className="field-about" id={`${path}-about`}>
          {field.description}
        </p>
      )}
    </div>
  );
}
