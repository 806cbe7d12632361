import { type AppError, toAppError } from "../base/errors.ts";
import type { AgentEvent, CallEvent, CallOutcome, EventSink } from "../base/events.ts";
import { neutraliseLine } from "../base/text.ts";
import type { Connection, ToolDescription } from "../transport/client/contract.ts";
import { approveCurrent, type ApproveCurrentOptions } from "./approve-current.ts";
import type { AskedCall } from "./ask-model.ts";
import { summariseArguments } from "./call-summary.ts";
import type { ResultFiles } from "./result-files.ts";
import { interruptedAnswer, notRunAnswer, readFailure, readResult, type ToolAnswer } from "./tool-answer.ts";
import { type Arguments, type CallVetter, type Verdict } from "./vet-call.ts";

/** DESIGN 7: signing in is needed or was refused. */
const signInExitCode = 3;

/** What {@link CallRunner} needs of a turn. */
export interface CallRunnerOptions extends ApproveCurrentOptions {
  readonly connection: Pick<Connection, "callTool">;
  readonly vetter: CallVetter;
  /** Where results go that are too long for the model. */
  readonly files: ResultFiles;
  readonly emit: EventSink<AgentEvent>;
  /** Ends the calls, on the wire too. */
  readonly signal: AbortSignal;
  /** Told of a call's failure after which no other call can succeed. */
  readonly onSignInError: (error: AppError) => void;
  /** Told when the server does not have a tool that it listed. */
  readonly onUnknownTool: () => void;
}

/** A call and what the model is told about it. */
export interface AnsweredCall {
  readonly call: AskedCall;
  readonly answer: ToolAnswer;
}

interface Ending {
  readonly outcome: CallOutcome;
  readonly answer: ToolAnswer;
  /** Of a failure, in one line. */
  readonly message?: string;
  readonly resultFile?: string;
}

interface SoundCall {
  readonly callId: string;
  readonly tool: ToolDescription;
  readonly args: Arguments;
}

/** Makes the tool calls of one turn, as many at once as the model asks for, and reports them. */
export class CallRunner {
  readonly #options: CallRunnerOptions;

  constructor(options: CallRunnerOptions) {
    this.#options = options;
  }

  /**
   * Makes the calls of one answer. Ends when all have ended, cancelled ones too. Never throws: what goes wrong is an
   * answer for the model.
   */
  async runAll(calls: readonly AskedCall[]): Promise<readonly AnsweredCall[]> {
    const running: Promise<AnsweredCall>[] = [];
    for (const call of calls) {
      // One after the other: calls start, or are refused, in the order in which they were asked for.
      const verdict = await this.#options.vetter.vet(call);
      running.push(this.#answer(call, verdict).then((answer) => ({ call, answer })));
    }
    return Promise.all(running);
  }

  async #answer({ toolCallId, toolName }: AskedCall, verdict: Verdict): Promise<ToolAnswer> {
    const { emit, signal } = this.#options;
    if (signal.aborted) return notRunAnswer;
    const { tool, args } = verdict;
    const refused = {
      type: "call_refused" as const,
      callId: toolCallId,
      tool: tool?.name ?? toolName,
      ...(args && { summary: summariseArguments(args) }),
    };
    if (!verdict.isSound) {
      emit({ ...refused, reason: verdict.reason });
      return verdict.answer;
    }
    const call = { callId: toolCallId, tool: verdict.tool, args: verdict.args };
    const approval = await approveCurrent(toolName, { ...call, signal }, this.#options);
    if (signal.aborted) return notRunAnswer;
    if (!approval.isApproved) {
      emit({ ...refused, reason: approval.reason });
      return approval.answer;
    }
    return this.#run({ ...call, tool: approval.tool });
  }

  async #run(call: SoundCall): Promise<ToolAnswer> {
    const { emit } = this.#options;
    const { callId, tool, args } = call;
    emit({ type: "call_started", callId, tool: tool.name, summary: summariseArguments(args), args });
    const { answer, ...ending } = await this.#call(call);
    emit({ type: "call_ended", callId, ...ending } satisfies CallEvent);
    return answer;
  }

  async #call({ callId, tool, args }: SoundCall): Promise<Ending> {
    const { connection, emit, signal } = this.#options;
    let isRunning = true;
    try {
      const result = await connection.callTool(
        tool.name,
        { ...args },
        {
          signal,
          onProgress: (update) => {
            if (isRunning) emit({ type: "call_progress", callId, ...update });
          },
        },
      );
      return await this.#keep(tool.name, readResult(result));
    } catch (thrown) {
      return this.#explain(toAppError(thrown));
    } finally {
      isRunning = false;
    }
  }

  async #keep(name: string, whole: ToolAnswer): Promise<Ending> {
    const { text, file } = await this.#options.files.shorten(whole.text, name);
    return {
      outcome: whole.isError ? "tool_error" : "done",
      answer: { text, isError: whole.isError },
      ...(whole.isError && { message: neutraliseLine(text.slice(0, 400)).slice(0, 200).toWellFormed() }),
      ...(file !== undefined && { resultFile: file }),
    };
  }

  #explain(error: AppError): Ending {
    if (this.#options.signal.aborted || error.code === "interrupted") {
      return { outcome: "cancelled", answer: interruptedAnswer };
    }
    if (error.code === "unknown_tool") this.#options.onUnknownTool();
    if (error.exitCode === signInExitCode) this.#options.onSignInError(error);
    return { outcome: "failed", answer: readFailure(error), message: error.message };
  }
}
