import type { LanguageModel } from "ai";

/** A model as the AI SDK's providers make it (`LanguageModelV4`). */
export type ProviderModel = Extract<LanguageModel, { readonly specificationVersion: "v4" }>;

/** What a provider is asked. */
export type ProviderPrompt = Parameters<ProviderModel["doStream"]>[0]["prompt"];

/** An answer as a provider streams it. */
export type AnswerStream = Awaited<ReturnType<ProviderModel["doStream"]>>["stream"];

/** A part of an answer. */
export type AnswerPart = AnswerStream extends ReadableStream<infer Part> ? Part : never;
