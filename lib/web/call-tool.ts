import { AppError, toAppError } from "../base/errors.ts";
import { isJsonObject } from "../base/json.ts";
import type { Log } from "../base/log.ts";
import type { Principal } from "../base/principal.ts";
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
  /** Hangs up when the caller does. */
  readonly request: Request;
  readonly principal: Principal | undefined;
  readonly log: Log;
}

/** What comes with a call that is answered whole. Its signal is made when a tool asks for it: few that do not wait do. */
class WholeCall implements CallContext {
  readonly principal: Principal | undefined;
  readonly #request: Request;
  #signal: AbortSignal | undefined;

  constructor({ request, principal }: RestCall) {
    this.#request = request;
    this.principal = principal;
  }

  get signal(): AbortSignal {
    this.#signal ??= this.#request.signal;
    return this.#signal;
  }

  isCancelled(): boolean {
    return this.#signal?.aborted === true;
  }
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

/** @throws `invalid_arguments`, `unknown_tool`, `interrupted` */
function run({ toolset, name, args }: RestCall, context: CallContext): ToolResult | Promise<ToolResult> {
  if (isJsonObject(args)) return toolset.callNow(name, args, context);
  throw new AppError("invalid_arguments", `The arguments of ${name} are a JSON object.`);
}

/**
 * Answers a call with the tool's structured result; at once where the tool does not wait.
 *
 * @throws `invalid_arguments`, `timeout`, `tool_failed`, `unknown_tool`, `interrupted`
 */
export function answerCall(call: RestCall): Response | Promise<Response> {
  const toAnswer = (result: ToolResult) => answerJson(toData(result).structuredContent);
  const result = run(call, new WholeCall(call));
  return result instanceof Promise ? result.then(toAnswer) : toAnswer(result);
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
  const work = async () =>
    toData(
      await run(call, {
        signal: AbortSignal.any([call.request.signal, stream.closed]),
        principal: call.principal,
        onStart: started.resolve,
        onProgress: (update) => stream.send("progress", update),
      }),
    );
  const running = work();
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
