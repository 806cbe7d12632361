/** What all fields of a form have. */
interface FieldBase {
  /** Member of the object that the field stands for; empty for the items of a list. */
  readonly name: string;
  /** What the person reads. */
  readonly label: string;
  readonly description?: string;
  readonly isRequired: boolean;
  /** What it starts with, where the schema says so. */
  readonly preset?: unknown;
}

/** Words: a line, or several where the schema allows long ones. */
export interface TextField extends FieldBase {
  readonly kind: "text";
  readonly isLong: boolean;
  /** In characters, as people count them: Unicode code points. */
  readonly minLength?: number;
  readonly maxLength?: number;
  /** An ECMAScript regular expression that must match somewhere. */
  readonly pattern?: string;
  readonly format?: string;
}

export interface NumberField extends FieldBase {
  readonly kind: "number";
  readonly isInteger: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
}

export interface SwitchField extends FieldBase {
  readonly kind: "switch";
}

/** One of some values of any type. */
export interface ChoiceField extends FieldBase {
  readonly kind: "choice";
  readonly choices: readonly unknown[];
}

export interface ListField extends FieldBase {
  readonly kind: "list";
  readonly item: Field;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly hasUniqueItems: boolean;
}

export interface GroupField extends FieldBase {
  readonly kind: "group";
  readonly fields: readonly Field[];
}

/** Anything that has no form of its own is written as JSON. */
export interface JsonField extends FieldBase {
  readonly kind: "json";
  /** The `type` that the value must have, where the schema says one. */
  readonly type?: string;
}

/** A part of a form. */
export type Field = TextField | NumberField | SwitchField | ChoiceField | ListField | GroupField | JsonField;
