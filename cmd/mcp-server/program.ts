import { serverProgram } from "../../lib/config/mcp-server.ts";
import { runProgram } from "../../lib/config/run-program.ts";

/** Runs `mcp-server` with the words of its command line. */
export function run(): Promise<number> {
  return runProgram(serverProgram, {
    serve: () => import("./serve.ts"),
    setup: () => import("./setup.ts"),
    doctor: () => import("./doctor.ts"),
    "explain-token": () => import("./explain-token.ts"),
    config: () => import("./config.ts"),
  });
}
