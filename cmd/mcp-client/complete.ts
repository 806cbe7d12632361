import { AppError } from "../../lib/base/errors.ts";
import { neutraliseLine, quote, toSafeJson } from "../../lib/base/text.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";
import type { CompletionRequest } from "../../lib/transport/client/connect.ts";
import { withConnection } from "./open-connection.ts";

/** A template's URI has a scheme or a variable; a prompt's name has neither. */
function referTo(name: string): CompletionRequest["ref"] {
  return /:\/\/|\{/.test(name) ? { type: "ref/resource", uri: name } : { type: "ref/prompt", name };
}

function splitWord(word: string): readonly [string, string] {
  const at = word.indexOf("=");
  if (at < 1) throw new AppError("usage", `An argument is written key=value, not ${quote(word)}.`);
  return [word.slice(0, at), word.slice(at + 1)];
}

/** `mcp-client complete PROMPT|TEMPLATE key=START key=value ...` */
export async function run(context: Context<ClientOptions>): Promise<void> {
  const signal = watchInterrupt();
  const { io, values } = context;
  const [target = "", start = "", ...words] = context.positionals;
  const [name, value] = splitWord(start);
  const known = words.length === 0 ? undefined : Object.fromEntries(words.map(splitWord));
  const request = { ref: referTo(target), argument: { name, value }, known };
  const completion = await withConnection(context, { mayPrompt: false, signal }, (connection) =>
    connection.complete(request, { signal }),
  );
  if (values.json) return void io.stdout.write(`${toSafeJson({ completion })}\n`);
  for (const suggestion of completion.values) io.stdout.write(`${neutraliseLine(suggestion)}\n`);
  if (completion.hasMore === true) io.stderr.write("There are more.\n");
}
