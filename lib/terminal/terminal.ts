import type { LineEvent } from "./editor/line-editor.ts";
import type { ReadLineOptions } from "./editor/read-line.ts";
import type { LiveScreen } from "./live-screen.ts";

/** A terminal at which a person sits. */
export interface Terminal {
  /** Columns that may be used. */
  readonly columns: number;
  /** What draws on it; absent where nothing can be drawn over. */
  readonly screen: LiveScreen | undefined;
  /** Writes text that stays, made safe by the caller. A line feed at its end is not needed. */
  print(text: string): void;
  /** Asks for a line. The terminal must be open. */
  readLine(options: ReadLineOptions): Promise<LineEvent>;
  /** Takes what is typed until the returned function is called; several may hold it. */
  open(): () => void;
  /** As {@link open}; what was typed before nobody gets. */
  openAnew(): Promise<() => void>;
  /** Says what Ctrl-C does while no line is asked for; it also drops what was typed ahead. */
  watchInterrupt(onInterrupt: () => void): () => void;
  /**
   * Ctrl-C came as a signal.
   *
   * @returns whether it ended something; else it is for the program
   */
  takeSignal(): boolean;
  /** Draws what is left to draw, and leaves the terminal to others. */
  release(): void;
}
