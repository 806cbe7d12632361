import { parseArgs } from "citty";
import type { BooleanArgDef, StringArgDef } from "citty";
import { AppError } from "../base/errors.ts";
import { didYouMean } from "../base/nearest.ts";
import { quote } from "../base/text.ts";
import type { Option, Schema } from "./option.ts";
import type { Program } from "./program.ts";

/** A command line, taken apart and checked against the program's schema. */
export interface Invocation {
  /** The command that was named, or undefined where none was. */
  readonly command: string | undefined;
  readonly positionals: readonly string[];
  /** What follows `--`, for a command that takes a server's command; never empty. */
  readonly serverCommand: readonly string[] | undefined;
  /** Text by the setting's name in code; a switch has "true", or what was written after its "=". */
  readonly flags: Readonly<Record<string, string>>;
  readonly wantsHelp: boolean;
  readonly wantsVersion: boolean;
}

type FlagDefs = Record<string, BooleanArgDef | StringArgDef>;

const builtIn: FlagDefs = {
  help: { type: "boolean", alias: "h" },
  version: { type: "boolean", alias: "v" },
};

/** The long name under which a `--no-x` without a short one goes to citty; undefined for other flags. */
function shieldOf(flag: string): string | undefined {
  return flag.startsWith("no-") ? `shielded-${flag}` : undefined;
}

function toArgsDef(schema: Schema): FlagDefs {
  const args: FlagDefs = { ...builtIn };
  for (const option of Object.values(schema)) {
    if (option.flag === undefined) continue;
    const short = option.short ?? shieldOf(option.flag);
    const alias = short === undefined ? {} : { alias: short };
    args[option.flag] = { type: option.kind === "switch" ? "boolean" : "string", ...alias };
  }
  return args;
}

/** The words that may be flags: what follows `--` is none. */
export function beforeEnd(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf("--");
  return end === -1 ? argv : argv.slice(0, end);
}

/**
 * citty 0.2.2 takes every `--no-x` as "x = false" and then loses either `--no-x` or its short form.
 * So a declared `--no-x` goes in by another name; see unjs/citty's `_parser.ts`, retry at its next version.
 */
function shieldNegations(argv: readonly string[], schema: Schema): string[] {
  const otherName = new Map<string, string>();
  for (const { flag = "", short } of Object.values(schema)) {
    const shield = shieldOf(flag);
    if (shield !== undefined) otherName.set(`--${flag}`, short === undefined ? `--${shield}` : `-${short}`);
  }
  const flags = beforeEnd(argv);
  const valued = flags.find((word) => word.includes("=") && otherName.has(word.split("=", 1)[0] ?? ""));
  if (valued !== undefined) throw new AppError("usage", `${valued.split("=", 1)[0]} takes no value.`);
  return [...flags.map((word) => otherName.get(word) ?? word), ...argv.slice(flags.length)];
}

/** Of a flag that stands twice citty keeps the last value in silence. */
function checkRepeated(argv: readonly string[], schema: Schema): void {
  const words = beforeEnd(argv);
  for (const { flag, short, kind } of Object.values(schema)) {
    const isIt = (word: string) =>
      word === `--${flag}` || word.startsWith(`--${flag}=`) || (short !== undefined && word === `-${short}`);
    const count = words.filter(isIt).length;
    if (kind === "switch" || kind === "lines" || count < 2) continue;
    const hint = kind === "list" ? { hint: "Give its values with commas between them." } : {};
    throw new AppError("usage", `--${flag} is given twice.`, hint);
  }
}

/** The first flag that is not declared. A value never begins with two dashes, so every such word is a flag. */
function findUnknown(argv: readonly string[], parsed: readonly string[], args: FlagDefs): string | undefined {
  const long = beforeEnd(argv).flatMap((word) => /^--([^=]+)/.exec(word)?.[1] ?? []);
  const shorts = new Set(Object.values(args).map(({ alias }) => alias));
  return (
    long.find((name) => !Object.hasOwn(args, name)) ??
    parsed.find((name) => name.length === 1 && name !== "_" && !shorts.has(name))
  );
}

function unknownFlag(name: string, args: FlagDefs): AppError {
  const spelled = name.length === 1 ? `-${name}` : `--${name}`;
  const nearest = didYouMean(
    spelled,
    Object.keys(args).map((flag) => `--${flag}`),
  );
  return new AppError("usage", `Unknown flag ${quote(spelled)}.${nearest}`);
}

/** @throws `usage` for nothing, and for what is rather the next flag */
function checkValue(text: string, { flag, hint, kind }: Option, argv: readonly string[]): void {
  if (kind === "switch") return;
  const looksLikeFlag = /^--?[a-z]/i.test(text) && !beforeEnd(argv).includes(`--${flag}=${text}`);
  if (text.trim() !== "" && !looksLikeFlag) return;
  throw new AppError("usage", `--${flag} needs a value (${hint ?? kind}).`, {
    ...(looksLikeFlag && { hint: `If ${quote(text)} is the value, write --${flag}=... with it.` }),
  });
}

/** citty 0.2.2 takes `--x=no` as "x = true": the words themselves say what was meant. */
function readSwitch(value: unknown, flag: string, argv: readonly string[]): string {
  const prefix = `--${flag}=`;
  const valued = beforeEnd(argv).findLast((word) => word.startsWith(prefix));
  return valued === undefined ? String(value) : valued.slice(prefix.length);
}

/** All values of a flag that may stand several times; citty keeps the last one only. */
function readLines(flag: string, argv: readonly string[]): readonly string[] {
  const words = beforeEnd(argv);
  return words.flatMap((word, index) => {
    if (word === `--${flag}`) return [words[index + 1] ?? ""];
    return word.startsWith(`--${flag}=`) ? [word.slice(flag.length + 3)] : [];
  });
}

/** What stands behind a flag: one text, or several where it may stand several times. */
function readTexts(value: unknown, { kind, flag = "" }: Option, argv: readonly string[]): readonly string[] {
  if (kind === "lines") return readLines(flag, argv);
  return [kind === "switch" ? readSwitch(value, flag, argv) : String(value)];
}

function readFlags(
  parsed: Readonly<Record<string, unknown>>,
  schema: Schema,
  argv: readonly string[],
): Record<string, string> {
  const flags: Record<string, string> = {};
  for (const [name, option] of Object.entries(schema)) {
    const { flag } = option;
    const value = flag === undefined ? undefined : parsed[flag];
    if (flag === undefined || value === undefined) continue;
    const texts = readTexts(value, option, argv);
    for (const text of texts) checkValue(text, option, argv);
    flags[name] = texts.join("\n");
  }
  return flags;
}

/**
 * Parses the words after the program's name.
 *
 * @throws `usage` for unknown commands and flags and for missing values, naming the nearest
 */
export function parseArgv(program: Program, argv: readonly string[]): Invocation {
  const args = toArgsDef(program.options);
  const shielded = shieldNegations(argv, program.options);
  const parsed: Readonly<Record<string, unknown>> & { _: string[] } = parseArgs(shielded, args);
  const unknown = findUnknown(argv, Object.keys(parsed), args);
  if (unknown !== undefined) throw unknownFlag(unknown, args);
  checkRepeated(shielded, program.options);
  const behind = argv.slice(beforeEnd(argv).length + 1);
  const words = parsed._.slice(0, parsed._.length - behind.length);
  const asksForHelp = words[0] === "help" && !Object.hasOwn(program.commands, "help");
  const [command, ...positionals] = asksForHelp ? words.slice(1) : words;
  if (command !== undefined && !Object.hasOwn(program.commands, command)) {
    const nearest = didYouMean(command, Object.keys(program.commands));
    throw new AppError("usage", `Unknown command ${quote(command)}.${nearest}`);
  }
  const takesIt = program.commands[command ?? program.defaultCommand]?.takesServerCommand === true;
  return {
    command,
    positionals: takesIt ? positionals : [...positionals, ...behind],
    serverCommand: takesIt && behind.length > 0 ? behind : undefined,
    flags: readFlags(parsed, program.options, argv),
    wantsHelp: asksForHelp || parsed["help"] === true,
    wantsVersion: parsed["version"] === true,
  };
}

/**
 * Checks that a command takes the flags and words that it was given.
 *
 * @throws `usage`
 */
export function checkInvocation(program: Program, name: string, invocation: Invocation): void {
  const command = program.commands[name];
  if (!command) throw new AppError("usage", `Unknown command ${quote(name)}.`);
  for (const option of Object.keys(invocation.flags)) {
    if (command.options.includes(option)) continue;
    throw new AppError("usage", `--${program.options[option]?.flag} is not a flag of "${name}".`, {
      hint: `Run "${program.name} ${name} --help" to see its flags.`,
    });
  }
  const slots = command.positionals ?? [];
  const missing = slots.find((slot, index) => slot.required && invocation.positionals[index] === undefined);
  if (missing) throw new AppError("usage", `"${name}" needs ${missing.name}: ${missing.help}.`);
  const extra = invocation.positionals[slots.length];
  if (extra !== undefined && !slots.at(-1)?.rest) {
    throw new AppError("usage", `"${name}" takes no further word; ${quote(extra)} is too much.`);
  }
}
