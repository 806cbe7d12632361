import { agentProgram, type AgentOptions } from "../../lib/config/mcp-agent.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { showSettings } from "../../lib/config/show-settings.ts";

/** `mcp-agent config show` */
export async function run(context: Context<AgentOptions>): Promise<void> {
  showSettings(agentProgram, context, { json: context.values.json });
}
