import { type FieldErrors, pathOf } from "../schema/check-value.ts";
import type { Field } from "../schema/field.ts";
import type { GroupValue, Row } from "../schema/form-value.ts";
import type { InputProps } from "./input-props.ts";
import { ListInput } from "./list-input.tsx";
import { ChoiceInput, SwitchInput, TextInput } from "./value-inputs.tsx";

/** One field, whatever its kind. The shape of the value follows the kind: `fillField` made it. */
export function FieldInput({ field, path, value, errors, onChange }: InputProps) {
  const common = { path, errors, onChange };
  switch (field.kind) {
    case "switch":
      return <SwitchInput {...common} field={field} value={value === true} />;
    case "choice":
      return <ChoiceInput {...common} field={field} value={String(value)} />;
    case "list":
      return (
        <ListInput
          {...common}
          field={field}
          value={value as readonly Row[]}
          renderItem={(item) => <FieldInput {...item} />}
        />
      );
    case "group":
      return (
        <fieldset className="group" id={path} tabIndex={-1}>
          <legend>{field.label}</legend>
          {field.description === undefined ? null : <p className="field-about">{field.description}</p>}
          <FieldList
            path={path}
            fields={field.fields}
            values={value as GroupValue}
            errors={errors}
            onChange={onChange}
          />
        </fieldset>
      );
    default:
      return <TextInput {...common} field={field} value={String(value)} />;
  }
}

interface FieldListProps {
  readonly path: string;
  readonly fields: readonly Field[];
  readonly values: GroupValue;
  readonly errors: FieldErrors;
  readonly onChange: (values: GroupValue) => void;
}

/** The fields of a form or of a group in it. */
export function FieldList({ path, fields, values, errors, onChange }: FieldListProps) {
  return fields.map((field) => (
    <FieldInput
      key={field.name}
      field={field}
      path={pathOf(path, field.name)}
      value={values[field.name] ?? ""}
      errors={errors}
      onChange={(value) => onChange({ ...values, [field.name]: value })}
    />
  ));
}
