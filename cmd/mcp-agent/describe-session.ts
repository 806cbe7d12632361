import type { StoredSession } from "../../lib/agent/sessions/session-file.ts";
import { neutraliseLine, quote } from "../../lib/base/text.ts";
import type { SessionPlace } from "./session-recorder.ts";

function promptsOf({ messages }: StoredSession): string[] {
  const said = messages.filter(({ role }) => role === "user").map(({ content }) => content);
  return said.map((content) => {
    const parts =
      typeof content === "string" ? [content] : content.map((part) => ("text" in part ? part.text : ""));
    return neutraliseLine(parts.join(" "));
  });
}

/** What a list of sessions shows of one, its texts made safe for a line. */
export function summariseSession(session: StoredSession) {
  const { id, startedAt, server, model } = session.header;
  const prompts = promptsOf(session);
  return { id, startedAt, server, model, turns: prompts.length, prompt: prompts[0] ?? "" };
}

/** What a person should know of a session that goes on: how much was said, what is different now, and the last prompt. */
export function describeResumed(session: StoredSession, place: SessionPlace): string {
  const { id, server, model } = session.header;
  const prompts = promptsOf(session);
  const turns = `${prompts.length} turn${prompts.length === 1 ? "" : "s"}`;
  const differences = [
    ...(model === place.model ? [] : [`the model ${quote(model)}`]),
    ...(server === place.server ? [] : [`the server ${quote(server, 200)}`]),
  ];
  const then = differences.length === 0 ? "" : ` It began with ${differences.join(" and ")}.`;
  const last = prompts.length === 0 ? "" : `\nThe last prompt was ${quote(prompts.at(-1) ?? "", 200)}.`;
  return `Session ${id} goes on after ${turns}.${then}${last}`;
}
