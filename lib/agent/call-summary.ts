import { neutraliseLine } from "../base/text.ts";

const maxLength = 60;

/** Shows the arguments of a call on one line, e.g. `query: "hello"`, cut at 60 characters. */
export function summariseArguments(args: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(args).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  const line = neutraliseLine(pairs.join(", ")).toWellFormed();
  return line.length > maxLength ? `${line.slice(0, maxLength - 1).toWellFormed()}…` : line;
}
