import type { StoredSession } from "../../lib/agent/sessions/session-file.ts";
import { AppError } from "../../lib/base/errors.ts";
import { neutraliseLine } from "../../lib/base/text.ts";
import { styleOf } from "../../lib/config/style-of.ts";
import { cutToWidth } from "../../lib/terminal/fit.ts";
import { describeResumed, summariseSession } from "./describe-session.ts";
import { openPersonalStore } from "./session-recorder.ts";
import type { SlashCommand } from "./slash-command.ts";
import type { Talk } from "./talk.ts";

/** So many of the newest are shown; `mcp-agent sessions` lists them all. */
const maxListed = 20;

/** A numbered row for each session; the server only where it is another one. */
function renderChoices(sessions: readonly StoredSession[], { context }: Talk): string {
  const { columns } = styleOf(context.io, context.io.stderr);
  const rows = sessions.map(summariseSession).map(({ id, turns, server, prompt }, index) => {
    const place = server === context.values.url ? "" : `(${neutraliseLine(server)}) `;
    return `${String(index + 1).padStart(3)}  ${id}  ${String(turns).padStart(3)}  ${place}${prompt}`;
  });
  return rows.map((row) => cutToWidth(row, columns - 1)).join("\n");
}

/** @returns the id, or its beginning; undefined where the person wants none of them */
async function choose(
  sessions: readonly StoredSession[],
  talk: Talk,
  signal: AbortSignal,
): Promise<string | undefined> {
  const text = renderChoices(sessions, talk);
  if (!talk.person) {
    talk.say(text);
    return undefined;
  }
  return talk.person.dialog.hold(
    async (ask) => {
      const event = await ask({ text, prompt: "Which one? (number or id; Enter: none) " });
      const typed = event.type === "line" ? event.text.trim() : "";
      if (typed === "") return undefined;
      // A number that is none of them may be the beginning of an id.
      return sessions[/^\d{1,2}$/.test(typed) ? Number(typed) - 1 : -1]?.header.id ?? typed;
    },
    { signal },
  );
}

/** `/resume`: lists the newest sessions, and goes on with one of them in the place of this one. */
export function createResumeCommand(talk: Talk): SlashCommand {
  const { context, conversation, modelName, recorder, say } = talk;
  const { values, io } = context;
  // This one is no choice, nor is one that was cleared.
  const list = () =>
    openPersonalStore(io.environment)
      .list(maxListed + 1)
      .filter(({ header, messages }) => header.id !== recorder.id && messages.length > 0)
      .slice(0, maxListed);
  return {
    name: "resume",
    argument: "[ID]",
    summary: "go on with an earlier session; lists them",
    async complete() {
      return list().map((session) => {
        const { id, prompt } = summariseSession(session);
        return { text: id, help: prompt };
      });
    },
    async run(argument, { signal }) {
      const sessions = argument === "" ? list() : [];
      if (argument === "" && sessions.length === 0)
        throw new AppError("usage", "There are no earlier sessions.");
      const id = argument === "" ? await choose(sessions, talk, signal) : argument;
      if (id === undefined) return;
      const session = recorder.resume(id);
      conversation.setHistory(session.messages);
      say(describeResumed(session, { server: values.url, model: modelName() }));
    },
  };
}
