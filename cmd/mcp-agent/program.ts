import { agentProgram } from "../../lib/config/mcp-agent.ts";
import { runProgram } from "../../lib/config/run-program.ts";

/** Runs `mcp-agent` with the words of its command line. */
export function run(): Promise<number> {
  return runProgram(agentProgram, {
    chat: () => import("./chat.ts"),
    sessions: () => import("./sessions.ts"),
    schema: () => import("./schema.ts"),
    config: () => import("./config.ts"),
  });
}
