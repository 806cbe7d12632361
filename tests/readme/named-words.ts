import type { Program } from "../../lib/config/program.ts";

/** Flags that every program has. */
const common = ["--help", "--version", "-h", "-v"];

/** Programs of others; their flags are none of ours. */
const others = /^(?:az|npx|codesign|xattr|curl|apk|apt-get|git|gh|podman|sha256sum|systemctl)\b/;

function flagsOf({ options }: Program): string[] {
  return Object.values(options).flatMap(({ flag, short }) => [
    ...(flag === undefined ? [] : [`--${flag}`]),
    ...(short === undefined ? [] : [`-${short}`]),
  ]);
}

/** The text in `code` of a line of Markdown. */
export function readCodeSpans(markdown: string): string[] {
  return [...markdown.matchAll(/(?<!`)`([^`\n]+)`(?!`)/g)].map(([, text]) => text ?? "");
}

/** Where a command of ours would begin in a command line. */
function splitCommands(line: string): string[] {
  const [own = "", ...server] = line.split(/ -- /);
  const pieces = [own, ...server].flatMap((piece) => piece.split(/ \| |; |\$\(|\)"| && /));
  return pieces.map((piece) => piece.trim().replace(/^(?:[A-Z_]+=\S+ |sudo )+/, ""));
}

function judge(command: string, programs: readonly Program[]): string[] {
  if (others.test(command)) return [];
  const words = command.replaceAll("\\\n", " ").split(/[\s,]+/);
  const program = programs.find(({ name }) => name === words[0]);
  const known = [...(program ? [program] : programs).flatMap(flagsOf), ...common];
  const wrongFlags = words
    .filter((word) => /^--[a-z]/.test(word))
    .map((word) => word.replace(/=.*/, ""))
    .filter((flag) => !known.includes(flag));
  const [, verb = ""] = words;
  const isWrongVerb = program && /^[a-z]/.test(verb) && program.commands[verb] === undefined;
  return [...wrongFlags, ...(isWrongVerb ? [verb] : [])].map((word) => `${word} in "${command}"`);
}

/** Flags and commands of ours in a command line or a code span that do not exist. */
export function findUnknownWords(line: string, programs: readonly Program[]): string[] {
  return splitCommands(line).flatMap((command) => judge(command, programs));
}
