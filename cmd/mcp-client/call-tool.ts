import { AppError } from "../../lib/base/errors.ts";
import type { CallOutcome } from "../../lib/base/events.ts";
import { quote } from "../../lib/base/text.ts";
import type { ClientOptions } from "../../lib/config/mcp-client.ts";
import type { Context } from "../../lib/config/run-program.ts";
import { styleOf } from "../../lib/config/style-of.ts";
import { createProgressView, type ProgressView } from "../../lib/terminal/progress-view.ts";
import { renderResult } from "../../lib/terminal/render-result.ts";
import type { CallResult, Connection } from "../../lib/transport/client/connect.ts";
import type { NoticeBoard } from "./notice-board.ts";
import { printResult } from "./print-result.ts";

/** What is called. */
export interface ToolCall {
  readonly tool: string;
  readonly args: Record<string, unknown>;
  readonly signal: AbortSignal;
  /** Where lines of the server's log go meanwhile. */
  readonly notices?: NoticeBoard;
}

const callId = "1";

function openView({ io, values }: Context<ClientOptions>): ProgressView {
  const style = styleOf(io, io.stderr);
  // With --json a script reads standard error, too: an error is its only line.
  const fallback = values.json ? "none" : "plain";
  const mode = values.progress === "auto" && !style.isLive ? fallback : values.progress;
  return createProgressView({ stream: io.stderr, mode, color: style.hasColor });
}

async function callAndDraw(
  connection: Connection,
  { tool, args, signal, notices }: ToolCall,
  view: ProgressView,
): Promise<CallResult> {
  let outcome: CallOutcome = "failed";
  notices?.attach(view);
  view.handle({ type: "call_started", callId, tool });
  try {
    const result = await connection.callTool(tool, args, {
      signal,
      onProgress: (update) => view.handle({ type: "call_progress", callId, ...update }),
    });
    outcome = result.isError ? "tool_error" : "done";
    return result;
  } catch (error) {
    if (signal.aborted) outcome = "cancelled";
    throw error;
  } finally {
    view.handle({ type: "call_ended", callId, outcome });
    notices?.detach();
    view.close();
  }
}

/**
 * Calls a tool: progress on standard error, its result alone on standard output.
 *
 * @throws `tool_failed` when the tool reported an error, after its result was printed
 */
export async function callTool(
  context: Context<ClientOptions>,
  connection: Connection,
  call: ToolCall,
): Promise<void> {
  const result = await callAndDraw(connection, call, openView(context));
  const { content: parts } = result;
  await printResult(context, { json: result, render: (style) => renderResult(result, style), parts });
  if (result.isError) throw new AppError("tool_failed", `The tool ${quote(call.tool)} reported an error.`);
}
