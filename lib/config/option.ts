/** What a value from a `./.env` that nobody named counts as (DESIGN 5, "A folder is not trusted"). */
export type FolderTrust =
  /** Used like any other. */
  | "use"
  /** Used, but the program must treat it as discovered: a person confirms it once. */
  | "confirm"
  /** Read only from the environment and from a file that was named. */
  | "ignore";

interface OptionBase {
  /** Long flag without dashes; absent where there is none (secrets never stand in argv). */
  readonly flag?: string;
  /** One letter. */
  readonly short?: string;
  /** Environment variables, the documented one first, then aliases. */
  readonly env?: readonly string[];
  /** Short aliases, read from the environment and from a named file only (DESIGN 7). */
  readonly aliases?: readonly string[];
  /** One line for `--help` and the README, with unit and bounds. */
  readonly help: string;
  /** Stands for the value in `--help`, e.g. `URL`. */
  readonly hint?: string;
  /** Default as people read it, where it is computed or differs from the value. */
  readonly defaultText?: string;
  /** It is a secret: it has no flag, and is never printed. */
  readonly secret?: boolean;
  /** Heading in `--help` for flags that few people need; absent for those under FLAGS. */
  readonly group?: string;
  /** Default `use`. */
  readonly folder?: FolderTrust;
  /** Rejects a value that has the right type but no sense: one sentence, or undefined where all is well. */
  readonly check?: (value: string, origin: Origin) => string | undefined;
}

export interface TextOption extends OptionBase {
  readonly kind: "text";
  readonly default?: string;
}
export interface ListOption extends OptionBase {
  readonly kind: "list";
  readonly default?: readonly string[];
}
/** Given as often as needed, one value each time. */
export interface LinesOption extends OptionBase {
  readonly kind: "lines";
}
export interface NumberOption extends OptionBase {
  readonly kind: "number";
  readonly integer: boolean;
  readonly min: number;
  readonly max: number;
  readonly default?: number;
}
export interface SwitchOption extends OptionBase {
  readonly kind: "switch";
}
export interface ChoiceOption<Choice extends string = string> extends OptionBase {
  readonly kind: "choice";
  readonly choices: readonly Choice[];
  readonly default?: Choice;
}

/** One setting: a flag, its environment variables, its default and its help. */
export type Option = TextOption | ListOption | LinesOption | NumberOption | SwitchOption | ChoiceOption;

/** All settings of a program by their name in code. */
export type Schema = Readonly<Record<string, Option>>;

type Given<O, Value> = O extends { readonly default: Value } ? Value : Value | undefined;

/** The type of a setting's value. */
export type ValueOf<O extends Option> = O extends TextOption
  ? Given<O, string>
  : O extends ListOption | LinesOption
    ? readonly string[]
    : O extends NumberOption
      ? Given<O, number>
      : O extends SwitchOption
        ? boolean
        : O extends ChoiceOption<infer Choice>
          ? Given<O, Choice>
          : never;

/** The values of all settings of a program. */
export type Values<S extends Schema> = { readonly [Name in keyof S]: ValueOf<S[Name]> };

/** Where a value came from. */
export interface Origin {
  readonly kind: "flag" | "environment" | "env-file" | "mcp-config" | "folder" | "default";
  /** The flag, the variable, or the variable and its file. Empty for defaults. */
  readonly name: string;
  /** The file in the current folder that it comes from, where that is not `./.env`. */
  readonly file?: string;
}

/** The values of a program's settings and where each came from. */
export interface Resolved<S extends Schema> {
  readonly values: Values<S>;
  readonly origins: { readonly [Name in keyof S]: Origin };
}
