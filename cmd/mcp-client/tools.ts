import { toSafeJson } from "../../lib/base/text.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { styleOfStdout } from "../../lib/config/style-of.ts";
import { renderTool, renderToolList } from "../../lib/terminal/render-tools.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";
import { findTool } from "./find-tool.ts";
import { listToolsOnce } from "./open-connection.ts";
import { layoutOf, printList } from "./print-list.ts";

/** `mcp-client tools [NAME]` */
export async function run(context: Context<ClientOptions>): Promise<void> {
  const signal = watchInterrupt();
  const { io, values, positionals } = context;
  const tools = await listToolsOnce(context, { mayPrompt: false, signal });
  const [name] = positionals;
  if (name === undefined)
    return printList(context, { json: { tools }, items: tools, render: renderToolList });
  const tool = findTool(tools, name);
  io.print(values.json ? `${toSafeJson(tool)}\n` : renderTool(tool, layoutOf(styleOfStdout(io))));
}
