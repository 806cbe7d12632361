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
      /** The arguments in short, for a row. */
      readonly summary?: string;
      /** The arguments in full. */
      readonly args?: Readonly<Record<string, unknown>>;
    }
  | ({ readonly type: "call_progress"; readonly callId: string } & ProgressUpdate)
  | {
      readonly type: "call_ended";
      readonly callId: string;
      readonly outcome: CallOutcome;
      /** Why it failed, in one line. */
      readonly message?: string;
      /** Where the whole result is that was too long for the model. */
      readonly resultFile?: string;
    };

/** Why a call that the model asked for was not made. */
export type RefusalReason = "not_approved" | "denied" | "invalid_arguments" | "unknown_tool" | "repeated";

/** Tokens that a model read and wrote, as its provider counts them. */
export interface TokenUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Of the input, what the provider had in its cache. */
  readonly cachedInputTokens?: number;
  /** Of the output, what nobody sees. */
  readonly reasoningTokens?: number;
}

/** How a turn of the agent ended. */
export type TurnOutcome = "done" | "interrupted" | "failed" | "step_limit";

/** What happens in a turn of the agent, in the order in which it happens. Calls may overlap. */
export type AgentEvent =
  | CallEvent
  /** A call that the model asked for and that was not made. */
  | {
      readonly type: "call_refused";
      readonly callId: string;
      readonly tool: string;
      readonly summary?: string;
      readonly reason: RefusalReason;
    }
  /** A piece of what the model thinks before it answers. */
  | { readonly type: "reasoning_delta"; readonly text: string }
  | { readonly type: "reasoning_ended" }
  /** A piece of the model's answer. */
  | { readonly type: "text_delta"; readonly text: string }
  /** The model has finished a text; another may follow after tool calls. */
  | { readonly type: "text_ended" }
  /** The model did not answer and is asked again; `message` says why. */
  | {
      readonly type: "model_retry";
      /** Which try comes next: 2 or 3. */
      readonly attempt: number;
      readonly afterMs: number;
      readonly message: string;
    }
  /** One answer of the model is complete; calls may follow. */
  | { readonly type: "step_ended"; readonly usage: TokenUsage }
  /** The server has other tools than before. */
  | { readonly type: "tools_changed"; readonly added: readonly string[]; readonly removed: readonly string[] }
  | { readonly type: "turn_ended"; readonly outcome: TurnOutcome; readonly usage: TokenUsage };

/** Where events go. Must not throw. */
export type EventSink<Event> = (event: Event) => void;
