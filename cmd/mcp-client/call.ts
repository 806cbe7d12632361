import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { readArguments } from "./argument-sources.ts";
import { callTool } from "./call-tool.ts";
import { findTool } from "./find-tool.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";
import { NoticeBoard } from "./notice-board.ts";
import { withConnection } from "./open-connection.ts";
import { checkOutput } from "./print-result.ts";
import { makeToolArguments } from "./tool-arguments.ts";

/** `mcp-client call TOOL key=value ...` */
export async function run(context: Context<ClientOptions>): Promise<void> {
  const signal = watchInterrupt();
  const [name = "", ...words] = context.positionals;
  await checkOutput(context);
  const { args: json, argsFile } = context.values;
  const given = await readArguments({ words, args: json, argsFile, io: context.io }, { signal });
  const notices = new NoticeBoard(context.io.stderr);
  await withConnection(context, { mayPrompt: false, signal, notices }, async (connection) => {
    const tool = findTool(await connection.listTools({ signal }), name);
    const args = await makeToolArguments(given, tool.inputSchema);
    await callTool(context, connection, { tool: tool.name, args, signal, notices });
  });
}
