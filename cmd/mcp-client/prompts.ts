import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { renderPromptList } from "../../lib/terminal/render-offers.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";
import { withConnection } from "./open-connection.ts";
import { printList } from "./print-list.ts";

/** `mcp-client prompts` */
export async function run(context: Context<ClientOptions>): Promise<void> {
  const signal = watchInterrupt();
  const prompts = await withConnection(context, { mayPrompt: false, signal }, (connection) =>
    connection.listPrompts({ signal }),
  );
  printList(context, { json: { prompts }, items: prompts, render: renderPromptList });
}
