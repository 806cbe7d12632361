import type { Environment } from "./environment.ts";
import type { EnvFile } from "./env-file.ts";
import type { Option, Origin, Resolved, Schema, Values } from "./option.ts";
import { type AnyValue, parseValue } from "./parse-value.ts";

/** Everything that settings are read from. */
export interface Sources {
  /** Text by the setting's name in code; a switch has "true". */
  readonly flags: Readonly<Record<string, string>>;
  readonly environment: Environment;
  readonly envFile: EnvFile | undefined;
}

interface Found {
  readonly text: string;
  readonly origin: Origin;
}

function findIn(
  variables: Environment,
  names: readonly string[],
): { name: string; text: string } | undefined {
  for (const name of names) {
    const text = variables[name];
    if (text !== undefined && text !== "") return { name, text };
  }
  return undefined;
}

function findInFile(option: Option, envFile: EnvFile | undefined): Found | undefined {
  if (!envFile) return undefined;
  if (!envFile.isNamed && option.folder === "ignore") return undefined;
  const names = [...(option.env ?? []), ...(envFile.isNamed ? (option.aliases ?? []) : [])];
  const found = findIn(envFile.variables, names);
  if (!found) return undefined;
  const name = `${found.name} in ${envFile.path}`;
  return { text: found.text, origin: { kind: envFile.isNamed ? "env-file" : "folder", name } };
}

function find(name: string, option: Option, sources: Sources): Found | undefined {
  const flag = sources.flags[name];
  if (flag !== undefined) return { text: flag, origin: { kind: "flag", name: `--${option.flag}` } };
  const variable = findIn(sources.environment, [...(option.env ?? []), ...(option.aliases ?? [])]);
  if (variable) return { text: variable.text, origin: { kind: "environment", name: variable.name } };
  return findInFile(option, sources.envFile);
}

function defaultOf(option: Option): AnyValue | undefined {
  if (option.kind === "switch") return false;
  if (option.kind === "list") return option.default ?? [];
  if (option.kind === "lines") return [];
  return option.default;
}

/**
 * Gives every setting its value: flag, else environment, else environment file, else default (DESIGN 7).
 *
 * @throws `usage` or `invalid_config` for a value of the wrong kind
 */
export function resolveSettings<S extends Schema>(schema: S, sources: Sources): Resolved<S> {
  const values: Record<string, AnyValue | undefined> = {};
  const origins: Record<string, Origin> = {};
  for (const [name, option] of Object.entries(schema)) {
    const found = find(name, option, sources);
    values[name] = found ? parseValue(option, found.text, found.origin) : defaultOf(option);
    origins[name] = found?.origin ?? { kind: "default", name: "" };
  }
  return { values: values as Values<S>, origins: origins as Resolved<S>["origins"] };
}
