import type { StoredSession } from "../../lib/agent/sessions/session-file.ts";
import { neutraliseLine, toSafeJson } from "../../lib/base/text.ts";
import type { AgentOptions } from "../../lib/config/mcp-agent.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { styleOf } from "../../lib/config/style-of.ts";
import { cutToWidth } from "../../lib/terminal/fit.ts";
import { openPersonalStore } from "./session-recorder.ts";

function firstPromptOf({ messages }: StoredSession): string {
  const content = messages.find(({ role }) => role === "user")?.content ?? "";
  if (typeof content === "string") return neutraliseLine(content);
  return neutraliseLine(content.map((part) => (part.type === "text" ? part.text : "")).join(" "));
}

function describe(session: StoredSession) {
  const { id, startedAt, server, model } = session.header;
  const turns = session.messages.filter(({ role }) => role === "user").length;
  return { id, startedAt, server, model, turns, prompt: firstPromptOf(session) };
}

/** `mcp-agent sessions`: the newest first. */
export async function run({ io, values }: Context<AgentOptions>): Promise<void> {
  const sessions = openPersonalStore(io.environment).list().map(describe);
  if (values.json) return void io.stdout.write(`${toSafeJson({ sessions })}\n`);
  if (sessions.length === 0) return void io.stderr.write("There are no sessions yet.\n");
  const { columns, isTerminal } = styleOf(io, io.stdout);
  for (const { id, turns, server, prompt } of sessions) {
    const line = `${id}  ${String(turns).padStart(3)}  ${neutraliseLine(server)}  ${prompt}`;
    io.stdout.write(`${isTerminal ? cutToWidth(line, columns - 1) : line}\n`);
  }
}
