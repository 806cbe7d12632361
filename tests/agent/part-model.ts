import type { ProviderModel } from "../../lib/agent/provider-model.ts";

type DoStream = ProviderModel["doStream"];
type AnswerStream = Awaited<ReturnType<DoStream>>["stream"];
/** A part of a model's stream, as providers of the AI SDK give it. */
export type AnswerPart = AnswerStream extends ReadableStream<infer Part> ? Part : never;

/** A model that does what the test says with each request, without a server. */
export function createModel(doStream: DoStream): ProviderModel {
  return {
    specificationVersion: "v4",
    provider: "test",
    modelId: "test",
    supportedUrls: {},
    doGenerate: () => Promise.reject(new Error("not used")),
    doStream,
  };
}

/** Streams parts, all of them there at once. */
export function streamParts(parts: readonly AnswerPart[]): Awaited<ReturnType<DoStream>> {
  return {
    stream: new ReadableStream({
      start: (controller) => {
        for (const part of parts) controller.enqueue(part);
        controller.close();
      },
    }),
  };
}

/** The end of an answer. */
export const finish = (reason: "stop" | "tool-calls"): AnswerPart => ({
  type: "finish",
  finishReason: { unified: reason, raw: reason },
  usage: {
    inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: 1, text: 1, reasoning: 0 },
  },
});
