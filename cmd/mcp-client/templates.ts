import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { renderTemplateList } from "../../lib/terminal/render-offers.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";
import { withConnection } from "./open-connection.ts";
import { printList } from "./print-list.ts";

/** `mcp-client templates` */
export async function run(context: Context<ClientOptions>): Promise<void> {
  const signal = watchInterrupt();
  const resourceTemplates = await withConnection(context, { mayPrompt: false, signal }, (connection) =>
    connection.listResourceTemplates({ signal }),
  );
  printList(context, { json: { resourceTemplates }, items: resourceTemplates, render: renderTemplateList });
}
