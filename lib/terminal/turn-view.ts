import type { AgentEvent } from "../base/events.ts";
import { neutralise } from "../base/text.ts";
import type { OutputStream } from "./live-rows.ts";
import { createProgressView, type ProgressMode } from "./progress-view.ts";

export interface TurnViewOptions {
  /** The answer. */
  readonly stdout: OutputStream;
  /** Rows of the running calls. */
  readonly stderr: OutputStream;
  readonly mode: ProgressMode;
  /** Of the rows. */
  readonly color: boolean;
}

/** Shows a turn of the agent: the answer as it streams, a row for each running call. */
export interface TurnView {
  handle(event: AgentEvent): void;
  /** Ends an unfinished line and removes rows. May be called twice. */
  close(): void;
}

/** Opens the view of one turn. What a model says may hold anything: a terminal gets it neutralised. */
export function createTurnView({ stdout, stderr, mode, color }: TurnViewOptions): TurnView {
  const calls = createProgressView({ stream: stderr, mode, color });
  let isLineOpen = false;

  function endLine(): void {
    if (isLineOpen) stdout.write("\n");
    isLineOpen = false;
  }

  function writeText(text: string): void {
    const shown = stdout.isTTY ? neutralise(text) : text;
    if (shown === "") return;
    stdout.write(shown);
    isLineOpen = !shown.endsWith("\n");
  }

  return {
    handle(event) {
      switch (event.type) {
        case "text_delta":
          return writeText(event.text);
        case "text_ended":
        case "turn_ended":
          return endLine();
        case "call_started":
        case "call_progress":
        case "call_ended":
          endLine();
          return calls.handle(event);
      }
    },
    close() {
      endLine();
      calls.close();
    },
  };
}
