import { toSafeJson } from "../../lib/base/text.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { describeConnection } from "../../lib/terminal/describe-server.ts";
import { watchInterrupt } from "../../lib/terminal/watch-interrupt.ts";
import { nameServer } from "./choose-server.ts";
import { withConnection } from "./open-connection.ts";

/** `mcp-client ping` */
export async function run(context: Context<ClientOptions>): Promise<void> {
  const signal = watchInterrupt();
  const { io, values } = context;
  await withConnection(context, { mayPrompt: false, signal }, async (connection) => {
    if (!values.json) io.stderr.write(`${describeConnection(connection, nameServer(context))}\n`);
    const startedMs = performance.now();
    const method = await connection.ping({ signal });
    const milliseconds = Math.round(performance.now() - startedMs);
    const { protocolVersion } = connection;
    const why = method === "ping" ? "" : `: MCP ${protocolVersion} has no ping`;
    const text = values.json
      ? toSafeJson({ method, protocolVersion, milliseconds })
      : `alive, answered in ${milliseconds} ms (${method}${why})`;
    io.print(`${text}\n`);
  });
}
