import type { Option, Schema } from "./option.ts";
import type { Command, Program } from "./program.ts";

/** What the exit codes of all three programs mean. */
export const exitCodes: readonly (readonly [string, string])[] = [
  ["0", "ok"],
  ["1", "unexpected error"],
  ["2", "usage or configuration, unknown tool, port in use"],
  ["3", "sign-in needed or refused, access denied"],
  ["4", "unreachable: DNS, TCP, TLS, a server that failed or stopped"],
  ["5", "the tool reported an error"],
  ["6", "protocol error, or not an MCP address"],
  ["7", "timeout"],
  ["130", "interrupted"],
];

function wrap(text: string, columns: number, indent: number): string {
  return Bun.wrapAnsi(text, Math.max(24, columns - indent), { trim: true }).replaceAll(
    "\n",
    `\n${" ".repeat(indent)}`,
  );
}

/** Two columns: a term and its text; a long term stands on a line of its own. */
function renderRows(rows: readonly (readonly [string, string])[], columns: number): string {
  const longest = Math.max(...rows.map(([term]) => term.length));
  const indent = Math.min(longest, 28) + 4;
  const lines = rows.map(([term, text]) => {
    const gap = term.length > indent - 4 ? `\n${" ".repeat(indent)}` : " ".repeat(indent - 2 - term.length);
    return `  ${term}${gap}${wrap(text, columns, indent)}`;
  });
  return lines.join("\n");
}

/** How the README and the help name a setting's default. */
export function describeDefault(option: Option): string | undefined {
  if (option.defaultText !== undefined) return option.defaultText;
  if (option.kind === "switch" || option.kind === "lines" || option.default === undefined) return undefined;
  return option.kind === "list" ? option.default.join(" ") : String(option.default);
}

function describeFlag(option: Option): string {
  const short = option.short === undefined ? "    " : `-${option.short}, `;
  const value = option.kind === "choice" ? option.choices.join("|") : option.hint;
  return `${short}--${option.flag}${option.kind === "switch" ? "" : ` ${value ?? "TEXT"}`}`;
}

function describeOption(option: Option): string {
  const fallback = describeDefault(option);
  return fallback === undefined ? option.help : `${option.help} (default: ${fallback})`;
}

function selectOptions(schema: Schema, names: readonly string[]): Option[] {
  return names.flatMap((name) => schema[name] ?? []);
}

function renderUsage(program: Program, name: string | undefined, command: Command): string {
  const words = (command.positionals ?? []).map((slot) => {
    const word = slot.rest ? `${slot.name} ...` : slot.name;
    return slot.required ? word : `[${word}]`;
  });
  const hasCommands = Object.keys(program.commands).length > 1;
  const called = name ?? (hasCommands ? "[COMMAND]" : undefined);
  const line = ["[FLAGS]", ...words, ...(command.takesServerCommand === true ? ["[-- SERVER ...]"] : [])];
  return `  ${[program.name, ...(called === undefined ? [] : [called]), ...line].join(" ")}`;
}

function renderEnvironment(
  options: readonly Option[],
  others: NonNullable<Program["variables"]>,
  columns: number,
): string {
  const rows = options.flatMap((option): [string, string][] => {
    const [name, ...aliases] = option.env ?? [];
    if (name === undefined) return [];
    const also = [...aliases, ...(option.aliases ?? [])];
    const suffix = also.length === 0 ? "" : ` (also ${also.join(", ")})`;
    return [[name, option.flag === undefined ? option.help : `as --${option.flag}${suffix}`]];
  });
  const all = [...rows, ...others];
  return all.length === 0 ? "" : renderRows(all, columns);
}

function section(title: string, body: string): string[] {
  return body === "" ? [] : ["", title, body];
}

/** Flags of everyday use, then the others under headings of their own. */
function flagSections(
  flags: readonly Option[],
  everywhere: readonly (readonly [string, string])[],
  columns: number,
): string[] {
  const groups = [...new Set(flags.map(({ group }) => group))].filter((group) => group !== undefined);
  const rowsOf = (group: string | undefined) =>
    flags
      .filter((option) => option.group === group)
      .map((option): readonly [string, string] => [describeFlag(option), describeOption(option)]);
  return [
    ...section("FLAGS", renderRows([...rowsOf(undefined), ...everywhere], columns)),
    ...groups.flatMap((group) => section(group, renderRows(rowsOf(group), columns))),
  ];
}

/**
 * The help of a program, or of one of its commands.
 *
 * @param columns width to wrap at
 */
export function renderHelp(program: Program, name: string | undefined, columns: number): string {
  const command = program.commands[name ?? program.defaultCommand];
  if (!command) return "";
  const options = selectOptions(program.options, command.options);
  const flags = options.filter((option) => option.flag !== undefined);
  const everywhere: [string, string][] = [
    ["-h, --help", "Show this help."],
    ...(name === undefined ? [["-v, --version", "Show the version."] satisfies [string, string]] : []),
  ];
  const shown = Object.entries(program.commands).filter(([, { isHidden }]) => isHidden !== true);
  const commands = shown.map(([key, { summary }]): [string, string] => [
    key,
    key === program.defaultCommand ? `${summary} (the default)` : summary,
  ]);
  const examples = (command.examples ?? []).map(([line, remark]) => `  ${line}\n      ${remark}`);
  const positionals = (command.positionals ?? []).map((slot): [string, string] => [slot.name, slot.help]);
  const blocks = [
    wrap(name === undefined ? program.summary : command.summary, columns, 0),
    ...(name === undefined || command.details === undefined ? [] : ["", wrap(command.details, columns, 0)]),
    ...section("USAGE", renderUsage(program, name, command)),
    ...section("ARGUMENTS", positionals.length === 0 ? "" : renderRows(positionals, columns)),
    ...section("EXAMPLES", examples.join("\n")),
    ...section("COMMANDS", name === undefined && commands.length > 1 ? renderRows(commands, columns) : ""),
    ...flagSections(flags, everywhere, columns),
    ...section(
      "ENVIRONMENT",
      renderEnvironment(options, name === undefined ? (program.variables ?? []) : [], columns),
    ),
    ...section("EXIT CODES", renderRows(exitCodes, columns)),
  ];
  return `${blocks.join("\n")}\n`;
}
