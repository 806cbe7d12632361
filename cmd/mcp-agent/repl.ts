import { createInterface } from "node:readline";
import type { Abortable } from "../../lib/base/abort.ts";
import { AppError, toAppError } from "../../lib/base/errors.ts";
import { neutralise, quote } from "../../lib/base/text.ts";
import type { AgentOptions } from "../../lib/config/mcp-agent.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { styleOf } from "../../lib/config/style-of.ts";
import { createLineReader, type LineReader } from "../../lib/terminal/line-reader.ts";
import { renderToolList } from "../../lib/terminal/render-tools.ts";
import type { Connection } from "../../lib/transport/client/connect.ts";

const help = `Type what you want and press Enter. Ctrl-C stops a running turn.
  /tools   the tools of the server
  /help    this help
  /exit    leave; Ctrl-D does the same
`;

/** Runs one turn and draws it. */
export type TakeTurn = (prompt: string, options: Abortable) => Promise<void>;

/** What the REPL works with. */
export interface Repl {
  readonly context: Context<AgentOptions>;
  readonly connection: Connection;
  readonly takeTurn: TakeTurn;
  /** Ends the REPL: SIGTERM, or Ctrl-C where the terminal does not catch it. */
  readonly signal: AbortSignal;
}

/** A turn that failed does not end the REPL: the person reads why and goes on. */
function showError({ io }: Context<AgentOptions>, thrown: unknown): void {
  const { message, hint } = toAppError(thrown);
  io.stderr.write(`${neutralise(message)}${hint === undefined ? "" : `\n  ${neutralise(hint)}`}\n`);
}

async function showTools({ context, connection }: Repl, signal: AbortSignal): Promise<void> {
  const { io } = context;
  const { columns, hasColor: color } = styleOf(io, io.stdout);
  io.stdout.write(renderToolList(await connection.listTools({ signal }), { columns, color }));
}

/** @throws what a turn throws */
async function answerLine(repl: Repl, line: string, signal: AbortSignal): Promise<void> {
  const { context, takeTurn } = repl;
  const text = line.trim();
  if (text === "/help") context.io.stderr.write(help);
  else if (text === "/tools") await showTools(repl, signal);
  else if (text.startsWith("/")) {
    throw new AppError("usage", `There is no command ${quote(text.split(" ")[0])}.`, {
      hint: "/help lists them.",
    });
  } else if (text !== "") await takeTurn(text, { signal });
}

async function answerWatched(repl: Repl, line: string, reader: LineReader): Promise<void> {
  const turn = new AbortController();
  const stopWatching = reader.watchInterrupt(() => turn.abort(new AppError("interrupted", "Interrupted.")));
  try {
    await answerLine(repl, line, AbortSignal.any([turn.signal, repl.signal]));
  } catch (thrown) {
    showError(repl.context, thrown);
  } finally {
    stopWatching();
  }
}

async function readLines(repl: Repl, reader: LineReader): Promise<void> {
  const { context, signal } = repl;
  const { stderr: output } = context.io;
  output.write("Type /help for help, Ctrl-D to leave.\n");
  let wantsToLeave = false;
  for (;;) {
    const event = await reader.read("> ", { signal });
    if (event.type === "end") return void output.write("\n");
    if (event.type === "line") {
      wantsToLeave = false;
      if (event.text.trim() === "/exit") return;
      await answerWatched(repl, event.text, reader);
      continue;
    }
    if (wantsToLeave && !event.hadText) return;
    wantsToLeave = !event.hadText;
    if (wantsToLeave) output.write("Press Ctrl-C again or Ctrl-D to leave.\n");
  }
}

async function runOnTerminal(repl: Repl): Promise<void> {
  const { stdin: input, stderr: output } = repl.context.io;
  const reader = createLineReader({ input, output });
  try {
    await readLines(repl, reader);
  } finally {
    reader.close();
  }
}

/** Without a terminal every line of the input is a turn, and the first that fails ends the program. */
async function runOnPipe(repl: Repl): Promise<void> {
  const { context, signal } = repl;
  const lines = createInterface({ input: context.io.stdin });
  const stop = () => lines.close();
  signal.addEventListener("abort", stop, { once: true });
  try {
    for await (const line of lines) {
      if (signal.aborted || line.trim() === "/exit") return;
      await answerLine(repl, line, signal);
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
export async function runRepl(repl: Repl): Promise<void> {
  await (repl.context.io.stdin.isTTY ? runOnTerminal(repl) : runOnPipe(repl));
  repl.signal.throwIfAborted();
}
