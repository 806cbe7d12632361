import { serverProgram } from "../../lib/config/mcp-server.ts";
import { runProgram } from "../../lib/config/run-program.ts";

process.exitCode = await runProgram(serverProgram, {
  serve: () => import("./serve.ts"),
  config: () => import("./config.ts"),
});
