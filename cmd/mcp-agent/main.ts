import { agentProgram } from "../../lib/config/mcp-agent.ts";
import { runProgram } from "../../lib/config/run-program.ts";

process.exitCode = await runProgram(agentProgram, {
  chat: () => import("./chat.ts"),
  sessions: () => import("./sessions.ts"),
  schema: () => import("./schema.ts"),
  config: () => import("./config.ts"),
});
