import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { renderResourceList } from "../../lib/terminal/render-offers.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";
import { withConnection } from "./open-connection.ts";
import { printList } from "./print-list.ts";

/** `mcp-client resources` */
export async function run(context: Context<ClientOptions>): Promise<void> {
  const signal = watchInterrupt();
  const resources = await withConnection(context, { mayPrompt: false, signal }, (connection) =>
    connection.listResources({ signal }),
  );
  printList(context, { json: { resources }, items: resources, render: renderResourceList });
}
