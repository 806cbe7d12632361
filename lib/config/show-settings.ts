import { AppError } from "../base/errors.ts";
import { neutraliseLine, quote, toSafeJson } from "../base/text.ts";
import { describeDefault } from "./help.ts";
import type { Option, Origin, Schema } from "./option.ts";
import type { AnyValue } from "./parse-value.ts";
import type { Command, Program } from "./program.ts";
import type { Context } from "./run-program.ts";

const hidden = "(hidden)";

/** `--json` of the programs that have no other use for it. */
export const jsonOption = {
  kind: "switch",
  flag: "json",
  help: "Print settings and errors as JSON.",
} as const;

/** The command `config show` of a program with these settings. */
export function defineConfigCommand<Name extends string>(
  program: string,
  options: Readonly<Record<Name, Option>>,
): Command<Name> {
  return {
    summary: "Show every setting and where its value comes from; secrets stay hidden",
    positionals: [{ name: "show", help: "the word show", required: true, completion: ["show"] }],
    options: Object.keys(options) as Name[],
    examples: [[`${program} config show --json`, "The same for scripts."]],
  };
}

function nameOf(key: string, { flag, env }: Option): string {
  return flag === undefined ? (env?.[0] ?? key) : `--${flag}`;
}

function showValue(option: Option, value: AnyValue | undefined): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) {
    const fallback = describeDefault(option);
    return fallback === undefined || fallback === "" ? "(not set)" : `(${fallback})`;
  }
  if (option.secret === true) return hidden;
  return neutraliseLine(Array.isArray(value) ? value.join(" ") : String(value));
}

function showOrigin({ kind, name }: Origin): string {
  if (kind === "default") return "default";
  return kind === "folder" ? `${name}, which nobody named` : name;
}

function renderRows(rows: readonly (readonly string[])[]): string {
  const widths = [0, 1].map((column) =>
    Math.min(48, Math.max(0, ...rows.map((row) => row[column]?.length ?? 0))),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .map((row) => `${row}\n`)
    .join("");
}

function toJson(option: Option, value: AnyValue | undefined, { kind, name }: Origin): unknown {
  const shown = option.secret === true && value !== undefined ? hidden : value;
  return { value: shown ?? null, origin: kind, ...(name !== "" && { name }) };
}

/**
 * Prints each setting of a program on standard output: its flag or variable, its value, and where that comes from.
 *
 * @throws `usage`
 */
export function showSettings<S extends Schema>(
  program: Program<S>,
  context: Context<S>,
  { json }: { readonly json: boolean },
): void {
  const { io, positionals } = context;
  if (positionals[0] !== "show") {
    throw new AppError("usage", `"config" knows the word show, not ${quote(positionals[0])}.`);
  }
  const values: Readonly<Record<string, AnyValue | undefined>> = context.values;
  const origins: Readonly<Record<string, Origin>> = context.origins;
  const unknown: Origin = { kind: "default", name: "" };
  const settings = Object.entries(program.options).map(([key, option]) => {
    return { key, option, value: values[key], origin: origins[key] ?? unknown };
  });
  if (json) {
    const members = settings.map(({ key, option, value, origin }) => [key, toJson(option, value, origin)]);
    io.stdout.write(`${toSafeJson({ settings: Object.fromEntries(members) })}\n`);
    return;
  }
  const rows = settings.map(({ key, option, value, origin }) => [
    nameOf(key, option),
    showValue(option, value),
    showOrigin(origin),
  ]);
  io.stdout.write(renderRows(rows));
}
