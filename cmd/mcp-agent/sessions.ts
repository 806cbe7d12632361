import { neutraliseLine, toSafeJson } from "../../lib/base/text.ts";
import type { AgentOptions } from "../../lib/config/mcp-agent.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { styleOf } from "../../lib/config/style-of.ts";
import { cutToWidth } from "../../lib/terminal/fit.ts";
import { summariseSession } from "./describe-session.ts";
import { openPersonalStore } from "./session-recorder.ts";

/** `mcp-agent sessions`: the newest first. */
export async function run({ io, values }: Context<AgentOptions>): Promise<void> {
  const sessions = openPersonalStore(io.environment)
    .list()
    .map(summariseSession)
    .filter(({ turns }) => turns > 0);
  if (values.json) return void io.stdout.write(`${toSafeJson({ sessions })}\n`);
  if (sessions.length === 0) return void io.stderr.write("There are no sessions yet.\n");
  const { columns, isTerminal } = styleOf(io, io.stdout);
  for (const { id, turns, server, prompt } of sessions) {
    const line = `${id}  ${String(turns).padStart(3)}  ${neutraliseLine(server)}  ${prompt}`;
    io.stdout.write(`${isTerminal ? cutToWidth(line, columns - 1) : line}\n`);
  }
}
