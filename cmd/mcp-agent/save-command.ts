import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { renderSession } from "../../lib/agent/sessions/session-markdown.ts";
import { AppError } from "../../lib/base/errors.ts";
import { quote } from "../../lib/base/text.ts";
import type { SlashCommand } from "./slash-command.ts";
import type { Talk } from "./talk.ts";

/** @throws `usage` for a file that is there already or cannot be written */
async function writeNew(path: string, text: string): Promise<void> {
  try {
    const file = await open(path, "wx", 0o600);
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
  } catch (error) {
    const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
    const fault = isThere ? "is there already" : "cannot be written";
    throw new AppError("usage", `The file ${quote(path, 200)} ${fault}.`, {
      hint: "Name another one: /save FILE.",
      cause: error,
    });
  }
}

/** `/save`: writes what was said to a Markdown file that only the user can read, never over another. */
export function createSaveCommand({ context, conversation, modelName, say }: Talk): SlashCommand {
  const { values, io } = context;
  const startedAt = new Date().toISOString();
  return {
    name: "save",
    argument: "[FILE]",
    summary: "write what was said to a Markdown file",
    async run(argument) {
      const name = argument === "" ? `session-${startedAt.replace(/[:.]/g, "-")}.md` : argument;
      const history = conversation.history();
      if (history.length === 0) throw new AppError("usage", "Nothing was said yet.");
      await writeNew(
        resolve(io.folder, name),
        renderSession(history, { server: values.url, model: modelName(), startedAt }),
      );
      say(`Saved in ${quote(name, 200)}.`);
    },
  };
}
