import { APICallError, wrapLanguageModel } from "ai";
import type { ProviderModel } from "./provider-model.ts";

type Params = Parameters<ProviderModel["doStream"]>[0];

/** Nothing is stored at the provider, so what a model thought comes back sealed and goes along with the next step. */
function withSettings(params: Params, hasSummary: boolean): Params {
  const openai = { store: false, ...(hasSummary && { reasoningSummary: "auto" }) };
  return { ...params, providerOptions: { openai } };
}

/** OpenAI shows what a model thinks to verified organisations only, and refuses the whole request of others. */
function isSummaryRefused(thrown: unknown): boolean {
  if (!APICallError.isInstance(thrown) || thrown.statusCode !== 400) return false;
  const { data } = thrown;
  const error: unknown = typeof data === "object" && data !== null ? Reflect.get(data, "error") : undefined;
  return typeof error === "object" && error !== null && Reflect.get(error, "param") === "reasoning.summary";
}

/** Sets a model of the Responses API up: nothing is stored, and reasoning is shown where that is allowed. */
export function setUpResponses(model: ProviderModel): ProviderModel {
  let hasSummary = true;
  return wrapLanguageModel({
    model,
    middleware: {
      specificationVersion: "v4",
      transformParams: async ({ params }) => withSettings(params, hasSummary),
      async wrapStream({ doStream, params }) {
        try {
          return await doStream();
        } catch (thrown) {
          if (!hasSummary || !isSummaryRefused(thrown)) throw thrown;
          hasSummary = false;
          return model.doStream(withSettings(params, hasSummary));
        }
      },
    },
  });
}
