import { serverProgram, type ServerOptions } from "../../lib/config/mcp-server.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { showSettings } from "../../lib/config/show-settings.ts";

/** `mcp-server config show` */
export async function run(context: Context<ServerOptions>): Promise<void> {
  showSettings(serverProgram, context, { json: context.values.json });
}
