import { APICallError, wrapLanguageModel } from "ai";
import { AppError } from "../base/errors.ts";
import { isClosedUnanswered } from "../base/network-error.ts";
import { unwrapErrors } from "./find-app-error.ts";
import { readChatReasoning } from "./chat-reasoning.ts";
import { createOutputMark } from "./mark-tool-output.ts";
import {
  answerCutOff,
  explainModelError,
  isQuotaUsedUp,
  type ModelServer,
  notThisApi,
} from "./model-error.ts";
import type { AnswerPart, AnswerStream, ProviderModel } from "./provider-model.ts";
import { RetryableError } from "./retryable-error.ts";

/** Who is to wait longer is told so instead. */
const maxWaitMs = 10_000;
/** A broken connection is no reason to wait, as a busy server is. */
const afterBreakMs = 100;

/** `retry-after-ms` is OpenAI's and Azure's; else seconds, or a date, as RFC 9110 section 10.2.3 has it. */
function readWaitMs(thrown: APICallError, { retryAfterSeconds }: AppError): number | undefined {
  const text = thrown.responseHeaders?.["retry-after-ms"] ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text);
  return retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1000;
}

/** Goes around the error where another try may help: none of it may be of our making or need somebody's doing. */
function toThrow(thrown: unknown, error: AppError): AppError | RetryableError {
  if (error.code === "unreachable") {
    return unwrapErrors(thrown).some(isClosedUnanswered) ? new RetryableError(error, afterBreakMs) : error;
  }
  if (!APICallError.isInstance(thrown) || !thrown.isRetryable || isQuotaUsedUp(thrown)) return error;
  const waitMs = readWaitMs(thrown, error);
  return waitMs === undefined || waitMs <= maxWaitMs ? new RetryableError(error, waitMs) : error;
}

/** Does one request; what it throws is an {@link AppError}, around it what says that it may be made again. */
async function explained<Answer>(
  request: () => PromiseLike<Answer>,
  server: ModelServer,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  try {
    return await request();
  } catch (thrown) {
    if (signal?.aborted) throw thrown;
    throw toThrow(thrown, explainModelError(thrown, server));
  }
}

function isContent({ type }: AnswerPart): boolean {
  return type.startsWith("text-") || type.startsWith("tool-") || type.startsWith("reasoning-");
}

/** An answer that breaks off before its first piece may be asked for again. */
function explainBreak(thrown: unknown, server: ModelServer, hasContent: boolean): Error {
  const known = unwrapErrors(thrown).find((error) => error instanceof AppError);
  if (known instanceof AppError) return known;
  return hasContent ? answerCutOff(server) : new RetryableError(answerCutOff(server), afterBreakMs);
}

/** Passes an answer on up to its first error, which becomes an {@link AppError}; a cut-off end is one too. */
function explainStream(
  stream: AnswerStream,
  server: ModelServer,
  signal: AbortSignal | undefined,
): AnswerStream {
  const reader = stream.getReader();
  let hasContent = false;
  const findError = (part: AnswerPart): Error | undefined => {
    if (part.type === "error") return toThrow(part.error, explainModelError(part.error, server));
    if (part.type !== "finish" || part.finishReason.unified !== "interrupted") return undefined;
    return hasContent ? answerCutOff(server) : notThisApi(server, "nothing of an answer came");
  };
  return new ReadableStream<AnswerPart>({
    async pull(controller) {
      const next = await reader.read().catch((thrown: unknown) => ({ thrown }));
      if ("thrown" in next) {
        if (signal?.aborted) return controller.error(next.thrown);
        controller.enqueue({ type: "error", error: explainBreak(next.thrown, server, hasContent) });
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
 * answers, and what the provider says about the key. Requests and answers are not reported either. Reasoning that a
 * compatible server streams beside the text of Chat Completions is made part of the answer, and tool output is marked.
 */
export function guardModel(model: ProviderModel, server: ModelServer): ProviderModel {
  const isChat = server.api === "chat";
  const mark = createOutputMark();
  return wrapLanguageModel({
    model,
    middleware: {
      specificationVersion: "v4",
      transformParams: async ({ params }) => ({
        ...params,
        prompt: mark(params.prompt),
        ...(isChat && { includeRawChunks: true }),
      }),
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
        const answer = isChat ? readChatReasoning(stream) : stream;
        return { stream: explainStream(answer, server, params.abortSignal) };
      },
    },
  });
}
