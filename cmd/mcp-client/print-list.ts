import { toSafeJson } from "../../lib/base/text.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { type StreamStyle, styleOf, styleOfStdout } from "../../lib/config/style-of.ts";
import type { Layout } from "../../lib/terminal/render-tools.ts";

/** A list of what a server offers, in its two forms. */
export interface PrintedList<T> {
  /** As MCP gives it. */
  readonly json: unknown;
  readonly items: readonly T[];
  /** For people and pipes; of an empty list a sentence. */
  readonly render: (items: readonly T[], layout: Layout) => string;
}

/** On a terminal lists are wrapped; elsewhere each sentence stays on its line, for grep and its like. */
export function layoutOf({ isTerminal, columns, hasColor: color }: StreamStyle): Layout {
  return { columns: isTerminal ? columns : Infinity, color };
}

/** Prints a list on standard output. That there is nothing is said on standard error: a sentence is no result. */
export function printList<T>(
  { io, values }: Context<ClientOptions>,
  { json, items, render }: PrintedList<T>,
): void {
  if (values.json) io.print(`${toSafeJson(json)}\n`);
  else if (items.length === 0) io.stderr.write(render(items, layoutOf(styleOf(io, io.stderr))));
  else io.print(render(items, layoutOf(styleOfStdout(io))));
}
