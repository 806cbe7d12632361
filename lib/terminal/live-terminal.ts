import type { Keyboard } from "./editor/keyboard.ts";
import { readLine } from "./editor/read-line.ts";
import type { LiveScreen } from "./live-screen.ts";
import type { Terminal } from "./terminal.ts";

/** A terminal that is drawn on, and whose keys are read one by one. */
export function createLiveTerminal(parts: {
  readonly screen: LiveScreen;
  readonly keyboard: Keyboard;
}): Terminal {
  const { screen, keyboard } = parts;
  return {
    screen,
    get columns() {
      return screen.columns;
    },
    print: (text) => screen.print(text),
    readLine: (options) => readLine(parts, options),
    open: () => keyboard.open(),
    async openAnew() {
      const wasOpen = keyboard.isOpen;
      const close = keyboard.open();
      await (wasOpen ? keyboard.awaitEarlier() : keyboard.forgetEarlier());
      return close;
    },
    watchInterrupt: (onInterrupt) => keyboard.watchInterrupt(onInterrupt),
    // While the keys are read Ctrl-C is one of them.
    takeSignal: () => false,
    release: () => screen.release(),
  };
}
