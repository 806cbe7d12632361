import { neutraliseLine } from "../../lib/base/text.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { styleOf } from "../../lib/config/style-of.ts";
import { renderToolList } from "../../lib/terminal/render-tools.ts";
import type { Connection } from "../../lib/transport/client/connect.ts";
import { callTool } from "./call-tool.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";
import { withConnection } from "./open-connection.ts";

const tool = "reverse_tool";
const args = { query: "Hello from MCP client!" };

function announce({ io, values }: Context<ClientOptions>, connection: Connection): void {
  const name = neutraliseLine(`${connection.serverName ?? "the server"} ${connection.serverVersion ?? ""}`);
  io.stderr.write(
    `Connected to ${name} at ${values.url} (MCP ${neutraliseLine(connection.protocolVersion)}).\n`,
  );
}

/** `mcp-client`: signs in if needed, lists the tools and calls `reverse_tool` as a first try. */
export async function run(context: Context<ClientOptions>): Promise<void> {
  const signal = watchInterrupt();
  const { io } = context;
  await withConnection(context, { mayPrompt: true, signal }, async (connection) => {
    announce(context, connection);
    const tools = await connection.listTools({ signal });
    const { columns, hasColor: color } = styleOf(io, io.stderr);
    io.stderr.write(`Tools:\n${renderToolList(tools, { columns, color })}`);
    if (!tools.some(({ name }) => name === tool)) {
      io.stderr.write('Call one with "mcp-client call TOOL key=value".\n');
      return;
    }
    io.stderr.write(`Calling ${tool} with ${JSON.stringify(args)}:\n`);
    await callTool(context, connection, { tool, args, signal });
  });
}
