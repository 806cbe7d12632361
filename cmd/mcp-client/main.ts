#!/usr/bin/env bun
import { clientProgram } from "../../lib/config/mcp-client.ts";
import { runProgram } from "../../lib/config/run-program.ts";

process.exitCode = await runProgram(clientProgram, {
  // run: () => import("./run.ts"),
});
