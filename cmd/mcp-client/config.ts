import { clientProgram, type ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { showSettings } from "../../lib/config/show-settings.ts";

/** `mcp-client config show` */
export async function run(context: Context<ClientOptions>): Promise<void> {
  showSettings(clientProgram, context, { json: context.values.json });
}
