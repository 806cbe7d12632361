import { describeDefault } from "./help.ts";
import type { Option } from "./option.ts";
import type { Program } from "./program.ts";

interface Row {
  readonly option: Option;
  readonly programs: string[];
}

function collectRows(programs: readonly Program[]): Map<string, Row> {
  const rows = new Map<string, Row>();
  for (const program of programs) {
    const short = program.name.replace(/^mcp-/, "");
    for (const option of Object.values(program.options)) {
      const key = `${option.env?.[0] ?? ""} ${option.flag ?? ""} ${option.help}`;
      const row = rows.get(key) ?? { option, programs: [] };
      row.programs.push(short);
      rows.set(key, row);
    }
  }
  return rows;
}

const code = (text: string) => `\`${text}\``;

function renderRow({ option, programs }: Row): string {
  const [name, ...others] = option.env ?? [];
  const also = [...others, ...(option.aliases ?? [])].map(code).join(", ");
  const variable = name === undefined ? "" : `${code(name)}${also === "" ? "" : ` (also ${also})`}`;
  const short = option.short === undefined ? "" : `, ${code(`-${option.short}`)}`;
  const flag = option.flag === undefined ? "" : `${code(`--${option.flag}`)}${short}`;
  const fallback = describeDefault(option);
  const help =
    option.kind === "choice" ? `${option.help} One of ${option.choices.map(code).join(", ")}.` : option.help;
  const cells = [variable, flag, programs.join(", "), help, fallback === undefined ? "" : fallback];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replace(/<([a-z-]+)>/g, "&lt;$1&gt;")).join(" | ")} |`;
}

/** The README's table of all settings, as Markdown; made from the schemas, so that it cannot be wrong. */
export function renderSettingsTable(programs: readonly Program[]): string {
  const rows = [...collectRows(programs).values()].map(renderRow);
  return ["| variable | flag | for | meaning | default |", "|---|---|---|---|---|", ...rows].join("\n");
}
