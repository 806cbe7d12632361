import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { describeConnection } from "../../lib/terminal/describe-server.ts";
import { styleOf } from "../../lib/config/style-of.ts";
import { renderToolList } from "../../lib/terminal/render-tools.ts";
import { callTool } from "./call-tool.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";
import { nameServer } from "./choose-server.ts";
import { NoticeBoard } from "./notice-board.ts";
import { withConnection } from "./open-connection.ts";
import { layoutOf } from "./print-list.ts";

const tool = "reverse_tool";
const args = { query: "Hello from MCP client!" };

/** `mcp-client`: signs in if needed, lists the tools and calls `reverse_tool` as a first try. */
export async function run(context: Context<ClientOptions>): Promise<void> {
  const signal = watchInterrupt();
  const { io, values } = context;
  // With --json a script reads standard error, too: an error is its only line.
  const say = (text: string) => void (values.json || io.stderr.write(text));
  const notices = new NoticeBoard(io.stderr);
  await withConnection(context, { mayPrompt: true, signal, notices }, async (connection) => {
    say(`${describeConnection(connection, nameServer(context))}\n`);
    const tools = await connection.listTools({ signal });
    say(`Tools:\n${renderToolList(tools, layoutOf(styleOf(io, io.stderr)))}`);
    if (!tools.some(({ name }) => name === tool)) {
      say('Call one with "mcp-client call TOOL key=value".\n');
      return;
    }
    say(`Calling ${tool} with ${JSON.stringify(args)}:\n`);
    await callTool(context, connection, { tool, args, signal, notices });
  });
}
