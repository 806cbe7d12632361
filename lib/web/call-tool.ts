import { AppError, toAppError } from "../base/errors.ts";
import { isJsonObject } from "../base/json.ts";
import type { Log } from "../base/log.ts";
import type { CallContext, ToolResult, Toolset } from "../tools/toolset.ts";
import { answerJson } from "./answer.ts";
import type { Problem, ResultData } from "./contract.ts";
import { openEventStream } from "./event-stream.ts";
import { toProblem } from "./problem.ts";

/** One call of a tool, whichever way it is answered. */
export interface RestCall {
  readonly toolset: Toolset;
  readonly name: string;
  readonly args: unknown;
  /** The signal fires when the caller hangs up. */
  readonly context: Pick<CallContext, "signal" | "principal">;
  readonly log: Log;
}

/** What a call gave. @throws `invalid_arguments`, `timeout`, `tool_failed` for what it did not */
function toData({
  content,
  structuredContent = {},
  isError,
  failure = "tool_failed",
}: ToolResult): ResultData {
  if (isError) throw new AppError(failure, content.map(({ text }) => text).join("\n"));
  return { content, structuredContent };
}

/** @throws `invalid_arguments`, `timeout`, `tool_failed`, `unknown_tool`, `interrupted` */
async function run(
  { toolset, name, args, context }: RestCall,
  more: Partial<CallContext>,
): Promise<ResultData> {
  if (!isJsonObject(args)) {
    throw new AppError("invalid_arguments", `The arguments of ${name} are a JSON object.`);
  }
  return toData(await toolset.call(name, args, { ...context, ...more }));
}

/**
 * Answers a call with the tool's structured result.
 *
 * @throws `invalid_arguments`, `timeout`, `tool_failed`, `unknown_tool`, `interrupted`
 */
export async function answerCall(call: RestCall): Promise<Response> {
  const { structuredContent } = await run(call, {});
  return answerJson(structuredContent);
}

/** What the caller is told of an error in a stream. */
function toToldProblem(thrown: unknown, log: Log): Problem {
  const error = toAppError(thrown);
  if (error.code !== "unexpected") return toProblem(error);
  log.error(`A call failed: ${error.detail}`);
  return toProblem(new AppError("unexpected", "The server failed."));
}

/**
 * Answers a call with a stream of its progress and then its result or its error. What is refused before the tool
 * starts is thrown, so that it has the status of its own.
 *
 * @throws `invalid_arguments`, `unknown_tool`, `interrupted`
 */
export async function streamCall(call: RestCall): Promise<Response> {
  const stream = openEventStream();
  const started = Promise.withResolvers<void>();
  const running = run(call, {
    signal: AbortSignal.any([call.context.signal, stream.closed]),
    onStart: started.resolve,
    onProgress: (update) => stream.send("progress", update),
  });
  running.then(() => started.resolve(), started.reject);
  try {
    await started.promise;
  } catch (refusal) {
    stream.end();
    throw refusal;
  }
  void running
    .then((data) => stream.send("result", data))
    .catch((thrown: unknown) => stream.send("error", toToldProblem(thrown, call.log)))
    .finally(stream.end);
  return stream.response;
}
