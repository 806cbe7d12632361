import type { AgentOptions } from "../../lib/config/mcp-agent.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { styleOf } from "../../lib/config/style-of.ts";
import { Dialog } from "../../lib/terminal/dialog.ts";
import { Keyboard } from "../../lib/terminal/editor/keyboard.ts";
import type { Terminal } from "../../lib/terminal/editor/read-line.ts";
import { fillForm } from "../../lib/terminal/fill-form.ts";
import { LiveScreen } from "../../lib/terminal/live-screen.ts";
import { offerVisit } from "../../lib/terminal/offer-visit.ts";
import { createStyle, type Style } from "../../lib/terminal/style.ts";
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

/** The person, where one sits at a terminal that can be drawn on; keys and answers share it. */
export function findPerson({ io }: Context<AgentOptions>): Person | undefined {
  const { isLive, hasColor } = styleOf(io, io.stderr);
  if (io.stdin.isTTY !== true || !isLive) return undefined;
  const screen = new LiveScreen(io.stderr);
  // What is typed is laid out anew at once.
  io.stderr.on("resize", () => screen.draw());
  const terminal = { screen, keyboard: new Keyboard(io.stdin, io.stderr) };
  const work = new Interruptible();
  return { terminal, dialog: new Dialog(terminal, work.interrupt), style: createStyle(hasColor), work };
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
    return { dialog, style, columns: terminal.screen.columns, signal: AbortSignal.any(signals) };
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
