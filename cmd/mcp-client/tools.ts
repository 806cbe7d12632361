import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { toSafeJson } from "../../lib/base/text.ts";
import { styleOfStdout } from "../../lib/config/style-of.ts";
import { renderTool, renderToolList } from "../../lib/terminal/render-tools.ts";
import { findTool } from "./find-tool.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";
import { listToolsOnce } from "./open-connection.ts";

/** `mcp-client tools [NAME]` */
export async function run(context: Context<ClientOptions>): Promise<void> {
  const signal = watchInterrupt();
  const { io, values, positionals } = context;
  const tools = await listToolsOnce(context, { mayPrompt: false, signal });
  const { columns, hasColor: color } = styleOfStdout(io);
  const [name] = positionals;
  if (name === undefined) {
    io.print(values.json ? `${toSafeJson({ tools })}\n` : renderToolList(tools, { columns, color }));
    return;
  }
  const tool = findTool(tools, name);
  io.print(values.json ? `${toSafeJson(tool)}\n` : renderTool(tool, { columns, color }));
}
