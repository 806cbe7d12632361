import type { Abortable } from "../../lib/base/abort.ts";
import { AppError } from "../../lib/base/errors.ts";
import { didYouMean } from "../../lib/base/nearest.ts";
import { quote } from "../../lib/base/text.ts";
import type { Candidate } from "../../lib/terminal/editor/completion.ts";

/** A command of the REPL. */
export interface SlashCommand {
  /** Without the slash. */
  readonly name: string;
  /** As the help shows it, e.g. `[NAME]`; absent where it takes none. */
  readonly argument?: string;
  /** For the help: what it does, without a period. */
  readonly summary: string;
  /** What may stand in the place of an argument that was begun. */
  complete?(begun: string, options: Abortable): Promise<readonly Candidate[]>;
  /** Does it; `leave` ends the REPL. */
  run(argument: string, options: { readonly signal: AbortSignal }): Promise<"leave" | void>;
}

/** A line that begins with a slash, in its parts. */
export function readSlashLine(line: string): { readonly name: string; readonly argument: string } {
  const [, name = "", argument = ""] = /^\/(\S*)\s*([^]*)$/.exec(line.trim()) ?? [];
  return { name, argument };
}

/** Lists commands and further things to type, one a row. Ends with a line feed. */
export function renderSlashHelp(
  commands: readonly SlashCommand[],
  others: readonly (readonly [what: string, summary: string])[],
): string {
  const own = commands.map(({ name, argument, summary }) => {
    return [`/${name}${argument === undefined ? "" : ` ${argument}`}`, summary] as const;
  });
  const rows = [...own, ...others];
  const width = Math.max(...rows.map(([what]) => what.length));
  return rows.map(([what, summary]) => `  ${what.padEnd(width)}  ${summary}\n`).join("");
}

/** The error for a command that is none; `others` are further names that exist. */
export function createUnknownCommandError(
  name: string,
  commands: readonly SlashCommand[],
  others: readonly string[],
): AppError {
  const names = [...commands.map((command) => command.name), ...others].map((known) => `/${known}`);
  const guess = didYouMean(`/${name}`, names);
  return new AppError("usage", `There is no command ${quote(`/${name}`)}.${guess}`, {
    hint: "/help lists them.",
  });
}
