import { serverProgram } from "../../lib/config/mcp-server.ts";
import { runProgram } from "../../lib/config/run-program.ts";

process.exitCode = await runProgram(serverProgram, {
  serve: () => import("./serve.ts"),
  setup: () => import("./setup.ts"),
  doctor: () => import("./doctor.ts"),
  "explain-token": () => import("./explain-token.ts"),
  config: () => import("./config.ts"),
});
