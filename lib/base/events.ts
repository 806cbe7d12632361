/** One report of a running tool (MCP, utilities/progress). */
export interface ProgressUpdate {
  /** Grows with every update. */
  readonly progress: number;
  /** Absent when the tool does not know how much there is to do. */
  readonly total?: number | undefined;
  /** For people. */
  readonly message?: string | undefined;
}

/** How a call ended. */
export type CallOutcome = "done" | "tool_error" | "cancelled" | "failed";

/** What happens to a tool call, in the order in which it happens. Drawn by `lib/terminal`. */
export type CallEvent =
  | {
      readonly type: "call_started";
      readonly callId: string;
      readonly tool: string;
      readonly summary?: string;
    }
  | ({ readonly type: "call_progress"; readonly callId: string } & ProgressUpdate)
  | { readonly type: "call_ended"; readonly callId: string; readonly outcome: CallOutcome };

/** Where events go. Must not throw. */
export type EventSink<Event> = (event: Event) => void;
