import { withChosenServers } from "./choose-server.ts";
import { completeCommand } from "../../lib/config/completion-shells.ts";
import { clientProgram } from "../../lib/config/mcp-client.ts";
import { runProgram } from "../../lib/config/run-program.ts";

const commands = withChosenServers({
  run: () => import("./run.ts"),
  login: () => import("./login.ts"),
  logout: () => import("./logout.ts"),
  whoami: () => import("./whoami.ts"),
  tools: () => import("./tools.ts"),
  call: () => import("./call.ts"),
  resources: () => import("./resources.ts"),
  templates: () => import("./templates.ts"),
  read: () => import("./read.ts"),
  prompts: () => import("./prompts.ts"),
  prompt: () => import("./prompt.ts"),
  complete: () => import("./complete.ts"),
  ping: () => import("./ping.ts"),
  token: () => import("./token.ts"),
  headers: () => import("./headers.ts"),
  bridge: () => import("./bridge.ts"),
  exercise: () => import("./exercise.ts"),
  doctor: () => import("./doctor.ts"),
});

/** Runs `mcp-client` with the words of its command line. */
export function run(): Promise<number> {
  return runProgram(clientProgram, {
    ...commands,
    config: () => import("./config.ts"),
    completion: () => import("./completion.ts"),
    [completeCommand]: () => import("./complete-line.ts"),
  });
}
