import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { renderContents } from "../../lib/terminal/render-messages.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";
import { withConnection } from "./open-connection.ts";
import { checkOutput, printResult } from "./print-result.ts";

/** `mcp-client read URI` */
export async function run(context: Context<ClientOptions>): Promise<void> {
  const signal = watchInterrupt();
  const [uri = ""] = context.positionals;
  await checkOutput(context);
  const contents = await withConnection(context, { mayPrompt: false, signal }, (connection) =>
    connection.readResource(uri, { signal }),
  );
  const render = (target: { readonly isTerminal: boolean }) => renderContents(contents, target);
  await printResult(context, { json: { contents }, render, parts: contents });
}
