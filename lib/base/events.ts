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

/** Tokens that a model read and wrote, as its provider counts them. */
export interface TokenUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** How a turn of the agent ended. */
export type TurnOutcome = "done" | "interrupted" | "failed" | "step_limit";

/** What happens in a turn of the agent, in the order in which it happens. Calls may overlap. */
export type AgentEvent =
  | CallEvent
  /** A piece of the model's answer. */
  | { readonly type: "text_delta"; readonly text: string }
  /** The model has finished a text; another may follow after tool calls. */
  | { readonly type: "text_ended" }
  | { readonly type: "turn_ended"; readonly outcome: TurnOutcome; readonly usage: TokenUsage };

/** Where events go. Must not throw. */
export type EventSink<Event> = (event: Event) => void;
