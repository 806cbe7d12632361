import { type AppError, toAppError } from "../base/errors.ts";
import type { AgentEvent, CallOutcome, EventSink } from "../base/events.ts";
import type { Connection } from "../transport/client/contract.ts";
import { summariseArguments } from "./call-summary.ts";
import { interruptedAnswer, readFailure, readResult, type ToolAnswer } from "./tool-answer.ts";
import type { MadeCall } from "./turn-history.ts";

/** DESIGN 7: signing in is needed or was refused. */
const signInExitCode = 3;

/** What {@link CallRunner} needs of a turn. */
export interface CallRunnerOptions {
  readonly connection: Pick<Connection, "callTool">;
  readonly emit: EventSink<AgentEvent>;
  /** Ends the calls, on the wire too. */
  readonly signal: AbortSignal;
  /** Told of a call's failure after which no other call can succeed. */
  readonly onSignInError: (error: AppError) => void;
}

interface Ending {
  readonly outcome: CallOutcome;
  readonly answer: ToolAnswer;
}

/** Makes the tool calls of one turn, as many at once as the model asks for, and reports them. */
export class CallRunner {
  readonly #options: CallRunnerOptions;
  readonly #running = new Set<Promise<unknown>>();

  constructor(options: CallRunnerOptions) {
    this.#options = options;
  }

  /**
   * Calls a tool. Never throws: what goes wrong is an answer for the model.
   *
   * @param name the server's name of the tool
   * @param args the model's own arguments; they are sent as they are
   */
  async run(name: string, args: Record<string, unknown>, call: MadeCall): Promise<ToolAnswer> {
    const running = this.#report(name, args, call);
    this.#running.add(running);
    const answer = await running;
    this.#running.delete(running);
    return answer;
  }

  /** Waits until every call has ended. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async #report(name: string, args: Record<string, unknown>, call: MadeCall): Promise<ToolAnswer> {
    const { emit } = this.#options;
    const callId = call.toolCallId;
    emit({ type: "call_started", callId, tool: name, summary: summariseArguments(args) });
    const { outcome, answer } = await this.#call(name, args, callId);
    call.answer = answer;
    emit({ type: "call_ended", callId, outcome });
    return answer;
  }

  async #call(name: string, args: Record<string, unknown>, callId: string): Promise<Ending> {
    const { connection, emit, signal } = this.#options;
    let isRunning = true;
    try {
      const result = await connection.callTool(name, args, {
        signal,
        onProgress: (update) => {
          if (isRunning) emit({ type: "call_progress", callId, ...update });
        },
      });
      return { outcome: result.isError ? "tool_error" : "done", answer: readResult(result) };
    } catch (thrown) {
      return this.#explain(toAppError(thrown));
    } finally {
      isRunning = false;
    }
  }

  #explain(error: AppError): Ending {
    if (this.#options.signal.aborted || error.code === "interrupted") {
      return { outcome: "cancelled", answer: interruptedAnswer };
    }
    if (error.exitCode === signInExitCode) this.#options.onSignInError(error);
    return { outcome: "failed", answer: readFailure(error) };
  }
}
