import type { Option } from "./option.ts";
import type { Command, LiveNames, Program } from "./program.ts";

/** A word that a shell may offer. */
export interface Candidate {
  readonly word: string;
  readonly help?: string | undefined;
}

/** What can stand at the end of a command line. */
export type Wanted =
  | { readonly kind: "words"; readonly candidates: readonly Candidate[] }
  | { readonly kind: "file" }
  /** The name of a server in an `mcp.json`. */
  | { readonly kind: "servers" }
  | {
      readonly kind: "live";
      readonly names: LiveNames;
      /** The positionals before, e.g. the tool. */
      readonly before: readonly string[];
    };

/** Words of a command line, the one in question apart. */
export interface TypedWords {
  readonly before: readonly string[];
  readonly current: string;
}

interface Read {
  readonly command: string | undefined;
  readonly positionals: readonly string[];
  /** The flag that waits for its value. */
  readonly open: Option | undefined;
  /** What comes now belongs to a server's command. */
  readonly isBehindDashes: boolean;
}

function findFlag(program: Program, word: string): Option | undefined {
  const options = Object.values(program.options);
  if (word.startsWith("--")) return options.find(({ flag }) => `--${flag}` === word);
  return options.find(({ short }) => short !== undefined && `-${short}` === word);
}

function readWords(program: Program, words: readonly string[]): Read {
  const plain: string[] = [];
  let open: Option | undefined;
  for (const word of words) {
    if (open) open = undefined;
    else if (word === "--") {
      const [command, ...positionals] = plain;
      return { command, positionals, open: undefined, isBehindDashes: true };
    } else if (word.startsWith("-") && word.length > 1) {
      const option = findFlag(program, word);
      open = option && option.kind !== "switch" ? option : undefined;
    } else plain.push(word);
  }
  const [command, ...positionals] = plain;
  return { command, positionals, open, isBehindDashes: false };
}

function completeValue(option: Option, prefix = ""): Wanted {
  if (option.flag === "server") return { kind: "servers" };
  if (option.hint === "FILE") return { kind: "file" };
  const choices = option.kind === "choice" ? option.choices : [];
  return { kind: "words", candidates: choices.map((choice) => ({ word: prefix + choice })) };
}

function completeFlag(program: Program, command: Command | undefined, current: string): Wanted {
  const at = current.indexOf("=");
  if (at > 0) {
    const option = findFlag(program, current.slice(0, at));
    const value = option && completeValue(option, current.slice(0, at + 1));
    return value?.kind === "words" ? value : { kind: "words", candidates: [] };
  }
  const names = command?.options ?? Object.keys(program.options);
  const candidates = names.flatMap((name): Candidate[] => {
    const { flag, help } = program.options[name] ?? {};
    return flag === undefined ? [] : [{ word: `--${flag}`, help }];
  });
  return { kind: "words", candidates: [...candidates, { word: "--help", help: "Show this help." }] };
}

function listCommands(program: Program): Wanted {
  const shown = Object.entries(program.commands).filter(([, { isHidden }]) => isHidden !== true);
  const candidates = shown.map(([word, { summary }]) => ({ word, help: summary }));
  return { kind: "words", candidates: [...candidates, { word: "help", help: "Show the help of a command" }] };
}

/** Says what can stand in place of the last word of a command line. */
export function completeWords(program: Program, { before, current }: TypedWords): Wanted {
  const { command: name, positionals, open, isBehindDashes } = readWords(program, before);
  if (isBehindDashes) return { kind: "file" };
  if (open) return completeValue(open);
  const command = name === undefined ? undefined : program.commands[name];
  if (current.startsWith("-"))
    return completeFlag(program, command ?? program.commands[program.defaultCommand], current);
  if (name === undefined || (name === "help" && positionals.length === 0)) return listCommands(program);
  const slots = command?.positionals ?? [];
  const last = slots.at(-1);
  const slot = slots[positionals.length] ?? (last?.rest === true ? last : undefined);
  const { completion = [] } = slot ?? {};
  if (typeof completion === "string") return { kind: "live", names: completion, before: positionals };
  return { kind: "words", candidates: completion.map((word) => ({ word })) };
}
