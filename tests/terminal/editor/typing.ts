import { EventEmitter } from "node:events";
import { systemClock } from "../../../lib/base/clock.ts";
import { Keyboard, type KeyInput } from "../../../lib/terminal/editor/keyboard.ts";
import type { LineEvent } from "../../../lib/terminal/editor/line-editor.ts";
import { readLine, type ReadLineOptions } from "../../../lib/terminal/editor/read-line.ts";
import { LiveScreen } from "../../../lib/terminal/live-screen.ts";
import { Screen } from "../screen.ts";

/** A terminal whose keys the test presses. */
class FakeInput extends EventEmitter {
  isRaw = false;
  setRawMode(isRaw: boolean): void {
    this.isRaw = isRaw;
  }
  resume(): void {}
  pause(): void {}
}

/** Lets what was typed be taken. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
}

/** A terminal, its screen and its keys, which come at once. */
export function openTerminal(columns = 40, rows = 12, clock = systemClock) {
  const opened = openSlowTerminal(columns, rows, clock);
  opened.keyboard.awaitEarlier = () => Promise.resolve();
  return opened;
}

/** A terminal that is asked for what it keeps back, as real ones are. */
export function openSlowTerminal(columns = 40, rows = 12, clock = systemClock) {
  const shown = new Screen(columns, rows);
  const input = new FakeInput();
  const keyboard = new Keyboard(input as unknown as KeyInput, shown, clock);
  const screen = new LiveScreen(shown);
  const close = keyboard.open();
  const terminal = { screen, keyboard };
  return {
    ...terminal,
    terminal,
    shown,
    input,
    close,
    /** Keys as a terminal sends them, in one piece. */
    type: (text: string) => void input.emit("data", text),
    read: (options: Partial<ReadLineOptions> = {}): Promise<LineEvent> =>
      readLine(terminal, { prompt: "> ", hasLines: true, takesTyped: true, ...options }),
  };
}

/** Types, and gives what comes of it. */
export async function typeLine(text: string, options: Partial<ReadLineOptions> = {}): Promise<string> {
  const { read, type, close } = openTerminal(400);
  const line = read(options);
  type(text);
  type("\r");
  const event = await line;
  close();
  return event.type === "line" ? event.text : event.type;
}

export const left = "\u001B[D";
export const right = "\u001B[C";
export const up = "\u001B[A";
export const down = "\u001B[B";
export const home = "\u001B[H";
export const paste = (text: string) => `\u001B[200~${text}\u001B[201~`;
