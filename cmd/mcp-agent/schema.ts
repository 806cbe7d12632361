import { describeOutput } from "../../lib/agent/output/output-schema.ts";
import type { AgentOptions } from "../../lib/config/mcp-agent.ts";
import type { Context } from "../../lib/config/run-program.ts";

/** `mcp-agent schema`: the JSON Schemas of what `--output` prints. */
export async function run({ io }: Context<AgentOptions>): Promise<void> {
  io.stdout.write(`${JSON.stringify(describeOutput(), undefined, 2)}\n`);
}
