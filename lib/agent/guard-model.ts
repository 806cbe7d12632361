import { APICallError, type LanguageModel, wrapLanguageModel } from "ai";
import { AppError } from "../base/errors.ts";
import { isClosedUnanswered } from "../base/network-error.ts";
import { unwrapErrors } from "./find-app-error.ts";
import {
  answerCutOff,
  explainModelError,
  isQuotaUsedUp,
  type ModelServer,
  notChatCompletions,
} from "./model-error.ts";

/** A model as the AI SDK's providers make it (`LanguageModelV4`). */
export type ChatModel = Extract<LanguageModel, { readonly specificationVersion: "v4" }>;
type AnswerStream = Awaited<ReturnType<ChatModel["doStream"]>>["stream"];
type AnswerPart = AnswerStream extends ReadableStream<infer Part> ? Part : never;

/** Who is to wait longer is told so instead. */
const maxWaitSeconds = 10;
/** The only headers that are passed on: they tell the SDK when to try again. */
const retryHeaders = ["retry-after", "retry-after-ms"];
/** A broken connection is no reason to wait, as a busy server is. */
const afterBreak: Readonly<Record<string, string>> = { "retry-after-ms": "100" };

/** Whether another try makes sense: the SDK makes it, before any part of an answer has come. */
function isWorthRetry(thrown: unknown, error: AppError): boolean {
  if (error.code === "unreachable") return unwrapErrors(thrown).some(isClosedUnanswered);
  if (thrown instanceof AppError || !APICallError.isInstance(thrown)) return false;
  return thrown.isRetryable && !isQuotaUsedUp(thrown) && (error.retryAfterSeconds ?? 0) <= maxWaitSeconds;
}

/** Only an `APICallError` makes the SDK try again, so one goes around ours: with nothing else in it. */
function asRetryable(thrown: unknown, error: AppError): APICallError {
  const headers = (APICallError.isInstance(thrown) ? thrown.responseHeaders : undefined) ?? afterBreak;
  return new APICallError({
    message: error.message,
    url: "",
    requestBodyValues: undefined,
    responseHeaders: Object.fromEntries(
      retryHeaders.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])),
    ),
    isRetryable: true,
    cause: error,
  });
}

/** Does one request; what it throws is an {@link AppError}, around it what makes the SDK try again. */
async function explained<Answer>(
  request: () => PromiseLike<Answer>,
  server: ModelServer,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  try {
    return await request();
  } catch (thrown) {
    if (signal?.aborted) throw thrown;
    const error = explainModelError(thrown, server);
    throw isWorthRetry(thrown, error) ? asRetryable(thrown, error) : error;
  }
}

function isContent({ type }: AnswerPart): boolean {
  return type.startsWith("text-") || type.startsWith("tool-") || type.startsWith("reasoning-");
}

function explainBreak(thrown: unknown, server: ModelServer): AppError {
  const known = unwrapErrors(thrown).find((error) => error instanceof AppError);
  return known instanceof AppError ? known : answerCutOff(server);
}

/** Passes an answer on up to its first error, which becomes an {@link AppError}; a cut-off end is one too. */
function explainStream(
  stream: AnswerStream,
  server: ModelServer,
  signal: AbortSignal | undefined,
): AnswerStream {
  const reader = stream.getReader();
  let hasContent = false;
  const findError = (part: AnswerPart): AppError | undefined => {
    if (part.type === "error") return explainModelError(part.error, server);
    if (part.type !== "finish" || part.finishReason.unified !== "interrupted") return undefined;
    return hasContent ? answerCutOff(server) : notChatCompletions(server, "nothing of an answer came");
  };
  return new ReadableStream<AnswerPart>({
    async pull(controller) {
      const next = await reader.read().catch((thrown: unknown) => ({ thrown }));
      if ("thrown" in next) {
        if (signal?.aborted) return controller.error(next.thrown);
        controller.enqueue({ type: "error", error: explainBreak(next.thrown, server) });
        return controller.close();
      }
      if (next.done) return controller.close();
      hasContent ||= isContent(next.value);
      const error = findError(next.value);
      if (!error) return controller.enqueue(next.value);
      controller.enqueue({ type: "error", error });
      controller.close();
      await reader.cancel().catch(() => {});
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/**
 * Lets nothing out of a model but its answers and {@link AppError}s: the AI SDK's errors hold request bodies,
 * answers, and what the provider says about the key. Requests and answers are not reported either.
 */
export function guardModel(model: ChatModel, server: ModelServer): ChatModel {
  return wrapLanguageModel({
    model,
    middleware: {
      specificationVersion: "v4",
      async wrapGenerate({ doGenerate, params }) {
        const {
          request: _request,
          response: _response,
          ...answer
        } = await explained(doGenerate, server, params.abortSignal);
        return answer;
      },
      async wrapStream({ doStream, params }) {
        const { stream } = await explained(doStream, server, params.abortSignal);
        return { stream: explainStream(stream, server, params.abortSignal) };
      },
    },
  });
}
