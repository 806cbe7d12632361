import type { Schema } from "./option.ts";

/** Names that only the server knows. */
export type LiveNames = "tools" | "tool-arguments" | "prompts" | "prompt-arguments" | "resources";

/** A word after the command, e.g. the tool of `call TOOL`. */
export interface Positional {
  /** As shown in the usage line, e.g. `TOOL`. */
  readonly name: string;
  readonly help: string;
  readonly required?: boolean;
  /** Takes all that follow. */
  readonly rest?: boolean;
  /** What a shell may offer in its place: these words, or names that only the server knows. */
  readonly completion?: readonly string[] | LiveNames;
}

/** A subcommand as `--help` shows it. What it does stands in `cmd/`. */
export interface Command<Name extends string = string> {
  /** One imperative line. */
  readonly summary: string;
  /** Sentences that the command's own help shows below. */
  readonly details?: string;
  readonly positionals?: readonly Positional[];
  /** What follows `--` is a command that is a server, not positionals. */
  readonly takesServerCommand?: boolean;
  /** It is not for people: it does not stand in the help. */
  readonly isHidden?: boolean;
  /** The settings that it takes, in the order of its help. */
  readonly options: readonly Name[];
  /** Command lines with a remark. */
  readonly examples?: readonly (readonly [line: string, remark: string])[];
}

/** One schema makes a program's types, flags, environment, help and README table. */
export interface Program<S extends Schema = Schema> {
  /** The name of the executable. */
  readonly name: string;
  /** One imperative line. */
  readonly summary: string;
  readonly options: S;
  /** Variables that are honoured and are no settings of ours; they stand in the program's own help. */
  readonly variables?: readonly (readonly [name: string, help: string])[];
  /** Subcommands by name, in the order of the help. */
  readonly commands: Readonly<Record<string, Command>>;
  /** The command that runs when none is named. */
  readonly defaultCommand: string;
}

/** Keeps the literal types of a program's definition, and lets commands name only settings that exist. */
export function defineProgram<const S extends Schema>(
  program: Program<S> & { readonly commands: Readonly<Record<string, Command<keyof S & string>>> },
): Program<S> {
  return program;
}
