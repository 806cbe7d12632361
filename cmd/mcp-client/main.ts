import { clientProgram } from "../../lib/config/mcp-client.ts";
import { runProgram } from "../../lib/config/run-program.ts";

process.exitCode = await runProgram(clientProgram, {
  run: () => import("./run.ts"),
  login: () => import("./login.ts"),
  logout: () => import("./logout.ts"),
  whoami: () => import("./whoami.ts"),
  tools: () => import("./tools.ts"),
  call: () => import("./call.ts"),
  token: () => import("./token.ts"),
  headers: () => import("./headers.ts"),
  bridge: () => import("./bridge.ts"),
  exercise: () => import("./exercise.ts"),
});
