import type { Conversation, LanguageModel } from "../../lib/agent/conversation.ts";
import type { AgentOptions } from "../../lib/config/mcp-agent.ts";
import type { Context } from "../../lib/config/run-program.ts";
import type { ModelSignIn } from "./model-sign-in.ts";
import type { Session } from "./open-session.ts";
import type { Person } from "./person.ts";
import type { SessionRecorder } from "./session-recorder.ts";
import type { ServerOffers } from "./server-offers.ts";

/** Runs one turn and draws it. */
export type TakeTurn = (prompt: string, options: { readonly signal: AbortSignal }) => Promise<void>;

/** What the REPL and its commands work with. */
export interface Talk {
  readonly context: Context<AgentOptions>;
  readonly session: Session;
  readonly conversation: Conversation;
  /** Present with `--model-auth entra`. */
  readonly modelSignIn: ModelSignIn | undefined;
  /** What the model is called that is used now. */
  readonly modelName: () => string;
  /** Uses another model from the next turn on. @throws `usage` while a turn runs */
  readonly setModel: (model: LanguageModel, name: string) => void;
  readonly offers: ServerOffers;
  /** Absent: nobody sits at a terminal. */
  readonly person: Person | undefined;
  /** The record of what is said. */
  readonly recorder: SessionRecorder;
  readonly takeTurn: TakeTurn;
  /** Writes a line for the person on standard error. */
  readonly say: (text: string) => void;
}
