import type { Abortable } from "../../lib/base/abort.ts";
import { AppError } from "../../lib/base/errors.ts";
import { neutraliseLine, quote } from "../../lib/base/text.ts";
import type { AskQuestion, Dialog } from "../../lib/terminal/dialog.ts";
import type { Complete } from "../../lib/terminal/editor/completion.ts";
import { renderMessages } from "../../lib/terminal/render-messages.ts";
import type {
  FullConnection,
  PromptArgument,
  PromptDescription,
} from "../../lib/transport/client/connect.ts";

/** What a prompt of the server is asked for with. */
export interface AskPromptOptions extends Abortable {
  readonly connection: Pick<FullConnection, "complete" | "getPrompt">;
  /** Absent: nobody can be asked for arguments. */
  readonly dialog: Dialog | undefined;
}

type Known = Readonly<Record<string, string>>;

function completeArgument(
  prompt: PromptDescription,
  { name }: PromptArgument,
  { connection, known }: { readonly connection: AskPromptOptions["connection"]; readonly known: Known },
): Complete {
  return async (value, { signal }) => {
    const ref = { type: "ref/prompt", name: prompt.name } as const;
    const { values } = await connection.complete({ ref, argument: { name, value }, known }, { signal });
    return { start: 0, candidates: values.map((text) => ({ text })) };
  };
}

/** @throws `interrupted` when the person does not want to */
async function askArgument(ask: AskQuestion, argument: PromptArgument, complete: Complete): Promise<string> {
  const { name, description = "", required = false } = argument;
  const text = description === "" ? undefined : `  ${neutraliseLine(description)}`;
  const question = { text, prompt: `${neutraliseLine(name)}${required ? "" : " (optional)"}: `, complete };
  for (;;) {
    const event = await ask(question);
    if (event.type !== "line") throw new AppError("interrupted", "Nothing was sent.");
    const value = event.text.trim();
    if (value !== "" || !required) return value;
  }
}

async function askArguments(
  prompt: PromptDescription,
  { connection, dialog, signal }: AskPromptOptions,
): Promise<Known> {
  const missing = prompt.arguments.filter(({ required }) => required === true).map(({ name }) => name);
  if (prompt.arguments.length === 0) return {};
  if (!dialog) {
    if (missing.length === 0) return {};
    throw new AppError("usage", `The prompt needs ${missing.map((name) => quote(name)).join(", ")}.`, {
      hint: "Arguments are asked for at a terminal only.",
    });
  }
  return dialog.hold(
    async (ask) => {
      const known: Record<string, string> = {};
      for (const argument of prompt.arguments) {
        const complete = completeArgument(prompt, argument, { connection, known: { ...known } });
        const value = await askArgument(ask, argument, complete);
        if (value !== "") known[argument.name] = value;
      }
      return known;
    },
    { signal },
  );
}

/**
 * Gets a prompt of the server, its arguments asked for one by one, as the text of a turn.
 *
 * @throws `usage`, `interrupted`, and the codes of the connection
 */
export async function askPrompt(prompt: PromptDescription, options: AskPromptOptions): Promise<string> {
  const known = await askArguments(prompt, options);
  const { messages } = await options.connection.getPrompt(prompt.name, known, { signal: options.signal });
  const isPlain = messages.every(({ role }) => role === "user");
  const target = { isTerminal: false };
  // A turn begins with one message of the person: what others are made to say in it stands below their role.
  const text = isPlain
    ? messages.map((message) => renderMessages([message], target).replace(/^\[user\]\n/, "")).join("\n")
    : renderMessages(messages, target);
  if (text.trim() === "") throw new AppError("protocol_error", "The server's prompt is empty.");
  return text.trim();
}
