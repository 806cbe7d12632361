import { AppError } from "../base/errors.ts";
import { didYouMean } from "../base/nearest.ts";
import { quote } from "../base/text.ts";
import type { NumberOption, Option, Origin } from "./option.ts";

/** The value of a setting in any of its types. */
export type AnyValue = string | number | boolean | readonly string[];

function refuse(origin: Origin, problem: string): AppError {
  const code = origin.kind === "flag" ? "usage" : "invalid_config";
  return new AppError(code, `${origin.name} ${problem}`);
}

function parseNumber(option: NumberOption, text: string, origin: Origin): number {
  const value = /^[+-]?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
  const isRight = option.integer ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (!isRight || value < option.min || value > option.max) {
    const kind = option.integer ? "a whole number" : "a number";
    throw refuse(origin, `takes ${kind} from ${option.min} to ${option.max}, not ${quote(text)}.`);
  }
  return value;
}

function parseSwitch(text: string, origin: Origin): boolean {
  const word = text.trim().toLowerCase();
  if (["1", "true", "yes", "on"].includes(word)) return true;
  if (["", "0", "false", "no", "off"].includes(word)) return false;
  throw refuse(origin, `takes true or false, not ${quote(text)}.`);
}

/** A list of blanks is a mistake, such as two empty variables with a comma between them, and never "no scope". */
function parseList({ hint = "a list" }: Option, text: string, origin: Origin): readonly string[] {
  const words = text.split(/[,\s]+/).filter((word) => word !== "");
  if (words.length === 0) throw refuse(origin, `names nothing; it takes ${hint}.`);
  return words;
}

function checkEach(option: Option, words: readonly string[], origin: Origin): void {
  for (const word of words) {
    const problem = option.check?.(word, origin);
    if (problem !== undefined) throw refuse(origin, problem);
  }
}

/**
 * Turns the text of a flag or variable into the setting's type.
 *
 * @throws `usage` for flags, `invalid_config` for variables, naming where the text came from
 */
export function parseValue(option: Option, text: string, origin: Origin): AnyValue {
  switch (option.kind) {
    case "number":
      return parseNumber(option, text, origin);
    case "switch":
      return parseSwitch(text, origin);
    case "list": {
      const words = parseList(option, text, origin);
      checkEach(option, words, origin);
      return words;
    }
    case "lines": {
      const lines = text.split("\n");
      checkEach(option, lines, origin);
      return lines;
    }
    case "choice": {
      if (option.choices.includes(text)) return text;
      const choices = option.choices.join(", ");
      throw refuse(origin, `takes one of ${choices}, not ${quote(text)}.${didYouMean(text, option.choices)}`);
    }
    case "text":
      checkEach(option, [text], origin);
      return text;
  }
}
