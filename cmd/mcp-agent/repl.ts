import { createInterface } from "node:readline";
import { toAppError } from "../../lib/base/errors.ts";
import { neutralise, neutraliseLine } from "../../lib/base/text.ts";
import { PromptHistory } from "../../lib/terminal/editor/prompt-history.ts";
import type { ReadLineOptions } from "../../lib/terminal/editor/read-line.ts";
import { askPrompt } from "./ask-prompt.ts";
import { attachResources } from "./attach-resources.ts";
import { completeInput } from "./complete-input.ts";
import type { Person } from "./person.ts";
import { maxPrompts, openPromptFile } from "./prompt-file.ts";
import { createUnknownCommandError, readSlashLine, type SlashCommand } from "./slash-command.ts";
import { createSlashCommands } from "./slash-commands.ts";
import type { Talk } from "./talk.ts";

/** What the REPL works with. */
interface Repl {
  readonly talk: Talk;
  readonly commands: readonly SlashCommand[];
  /** Ends the REPL: SIGTERM, or Ctrl-C where the terminal does not catch it. */
  readonly signal: AbortSignal;
}

type Ending = "leave" | void;

/** Of a prompt that the server wrote so much is shown, in lines and in characters. */
const maxPreviewLines = 12;
const maxPreviewLength = 2000;

/** A turn that failed does not end the REPL: the person reads why and goes on. */
function showError({ say }: Talk, thrown: unknown): void {
  const { message, hint } = toAppError(thrown);
  say(`${neutralise(message)}${hint === undefined ? "" : `\n  ${neutralise(hint)}`}`);
}

/** The beginning of a text, its lines set off from what a person typed. */
function preview(text: string): string {
  const lines = neutralise(text).slice(0, maxPreviewLength).split("\n");
  const more = lines.length > maxPreviewLines || text.length > maxPreviewLength ? ["  …"] : [];
  return [...lines.slice(0, maxPreviewLines).map((line) => `  ${line}`), ...more].join("\n");
}

async function takePrompt({ talk }: Repl, text: string, signal: AbortSignal): Promise<void> {
  const { session, takeTurn } = talk;
  await takeTurn(await attachResources(text, session.connection, { signal }), { signal });
}

async function runSlash(repl: Repl, line: string, signal: AbortSignal): Promise<Ending> {
  const { talk, commands } = repl;
  const { offers, person, session } = talk;
  const { name, argument } = readSlashLine(line);
  const command = commands.find((one) => one.name === name);
  if (command) return command.run(argument, { signal });
  const prompts = name.includes(":") || person ? await offers.prompts({ signal }).catch(() => []) : [];
  const prompt = prompts.find((one) => name === `${offers.name}:${neutraliseLine(one.name)}`);
  if (!prompt) {
    const names = prompts.map((one) => `${offers.name}:${neutraliseLine(one.name)}`);
    throw createUnknownCommandError(name, commands, names);
  }
  const text = await askPrompt(prompt, { connection: session.connection, dialog: person?.dialog, signal });
  // The server wrote it, and it goes out in the person's name.
  if (person) talk.say(person.style.faint(preview(text)));
  await talk.takeTurn(text, { signal });
}

/** @throws what a command or a turn throws */
async function answerLine(repl: Repl, line: string, signal: AbortSignal): Promise<Ending> {
  const text = line.trim();
  if (text === "") return;
  return text.startsWith("/") ? runSlash(repl, text, signal) : takePrompt(repl, text, signal);
}

async function answerPerson(repl: Repl, line: string, { work, terminal }: Person): Promise<Ending> {
  const stopWatching = terminal.watchInterrupt(work.interrupt);
  try {
    return await work.run((signal) => answerLine(repl, line, signal), repl.signal);
  } catch (thrown) {
    showError(repl.talk, thrown);
  } finally {
    stopWatching();
  }
}

async function openTyping({
  talk,
  commands,
  signal,
}: Repl): Promise<ReadLineOptions & { history: PromptHistory }> {
  const file = openPromptFile(talk.context.io.environment);
  const history = new PromptHistory(await file.read(), maxPrompts, (prompt) => void file.add(prompt));
  const complete = completeInput(commands, talk.offers);
  return { prompt: "> ", hasLines: true, takesTyped: true, history, complete, signal };
}

async function readLines(repl: Repl, person: Person): Promise<void> {
  const { say } = repl.talk;
  say("Type /help for help, Ctrl-D to leave.");
  const typing = await openTyping(repl);
  let wantsToLeave = false;
  for (;;) {
    const event = await person.terminal.readLine(typing);
    if (event.type === "end") return;
    if (event.type === "line") {
      wantsToLeave = false;
      if ((await answerPerson(repl, event.text, person)) === "leave") return;
      continue;
    }
    if (event.type === "cancel") continue;
    if (wantsToLeave && !event.hadText) return;
    wantsToLeave = !event.hadText;
    if (wantsToLeave) say("Press Ctrl-C again or Ctrl-D to leave.");
  }
}

async function runOnTerminal(repl: Repl, person: Person): Promise<void> {
  const giveBack = person.terminal.open();
  try {
    await readLines(repl, person);
  } finally {
    person.terminal.release();
    giveBack();
  }
}

/** Without a terminal every line of the input is a turn, and the first that fails ends the program. */
async function runOnPipe(repl: Repl): Promise<void> {
  const { talk, signal } = repl;
  const lines = createInterface({ input: talk.context.io.stdin });
  const stop = () => lines.close();
  signal.addEventListener("abort", stop, { once: true });
  try {
    for await (const line of lines) {
      if (signal.aborted || (await answerLine(repl, line, signal)) === "leave") return;
    }
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/**
 * Reads prompts from a person or a pipe until they end.
 *
 * @throws `interrupted` when the signal ended it, and without a terminal what a turn throws
 */
export async function runRepl(talk: Talk, signal: AbortSignal): Promise<void> {
  const repl = { talk, commands: createSlashCommands(talk), signal };
  await (talk.person ? runOnTerminal(repl, talk.person) : runOnPipe(repl));
  signal.throwIfAborted();
}
