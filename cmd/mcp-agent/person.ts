import type { AgentOptions } from "../../lib/config/mcp-agent.ts";
import { createLog, type Log } from "../../lib/base/log.ts";
import type { Context, Io } from "../../lib/config/run-program.ts";
import { styleOf } from "../../lib/config/style-of.ts";
import { Dialog } from "../../lib/terminal/dialog.ts";
import { Keyboard } from "../../lib/terminal/editor/keyboard.ts";
import { fillForm } from "../../lib/terminal/fill-form.ts";
import { LineTerminal } from "../../lib/terminal/line-terminal.ts";
import { LiveScreen } from "../../lib/terminal/live-screen.ts";
import { createLiveTerminal } from "../../lib/terminal/live-terminal.ts";
import { offerVisit } from "../../lib/terminal/offer-visit.ts";
import { createStyle, type Style } from "../../lib/terminal/style.ts";
import type { Terminal } from "../../lib/terminal/terminal.ts";
import type { Elicitation } from "../../lib/transport/client/connect.ts";
import { Interruptible } from "./interruptible.ts";

/** The person at the terminal: reads what is drawn, types, and is asked. */
export interface Person {
  readonly terminal: Terminal;
  readonly dialog: Dialog;
  readonly style: Style;
  /** What Ctrl-C ends. */
  readonly work: Interruptible;
}

function openTerminal({ stdin, stderr }: Io, isLive: boolean): Terminal {
  if (!isLive) return new LineTerminal(stdin, stderr);
  const screen = new LiveScreen(stderr);
  // What is typed is laid out anew at once.
  stderr.on("resize", () => screen.draw());
  return createLiveTerminal({ screen, keyboard: new Keyboard(stdin, stderr) });
}

/** The person, where one sits at a terminal; what is typed and what is shown share it. */
export function findPerson({ io }: Context<AgentOptions>): Person | undefined {
  const { isTerminal, isLive, hasColor } = styleOf(io, io.stderr);
  if (io.stdin.isTTY !== true || !isTerminal) return undefined;
  const terminal = openTerminal(io, isLive);
  const work = new Interruptible();
  return { terminal, dialog: new Dialog(terminal, work.interrupt), style: createStyle(hasColor), work };
}

/** Says something for the person: above what is drawn where one sits at a terminal, else on standard error. */
export function createSay({ io }: Context<AgentOptions>, person: Person | undefined): (text: string) => void {
  return (text) => (person ? person.terminal.print(text) : void io.stderr.write(`${text}\n`));
}

/** The log, whose lines are drawn over nothing. */
export function openLog({ values }: Context<AgentOptions>, person: Person | undefined): Log {
  return createLog(values.logLevel, person && { write: (text) => person.terminal.print(text) });
}

/** Asks the person a yes-or-no question below what is drawn; anything but `y` or `yes` is no. */
export function confirmWith(
  { dialog }: Person,
  question: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  return dialog.hold(
    async (ask) => {
      const event = await ask({ prompt: `${question} [y/N] `, isDecision: true });
      return event.type === "line" && /^\s*y(es)?\s*$/i.test(event.text);
    },
    { signal },
  );
}

/**
 * Lets the person answer what a server asks in the middle of a request.
 *
 * @param nameServer what the server is called; it is not known before there is a connection
 */
export function createElicitation(
  { dialog, style, terminal, work }: Person,
  nameServer: () => string,
): Elicitation {
  const optionsFor = (signal: AbortSignal) => {
    const signals = [signal, ...(work.signal ? [work.signal] : [])];
    return { dialog, style, columns: terminal.columns, signal: AbortSignal.any(signals) };
  };
  // Where nothing runs that the person began, a server would take the keys away from what is being typed.
  const isWanted = () => work.signal !== undefined;
  return {
    async fillForm(form, { signal }) {
      if (!isWanted()) return { action: "cancel" };
      return fillForm({ ...form, server: nameServer() }, optionsFor(signal));
    },
    async visit(visit, { signal }) {
      if (!isWanted()) return { action: "cancel" };
      return offerVisit({ ...visit, server: nameServer() }, optionsFor(signal));
    },
  };
}
