import type { TokenUsage } from "../base/events.ts";

/** Before anything was counted. */
export const noUsage: TokenUsage = { inputTokens: 0, outputTokens: 0 };

/** Adds the tokens of two answers. What neither provider counted stays absent. */
export function addUsage(one: TokenUsage, other: TokenUsage): TokenUsage {
  const sum = (name: "cachedInputTokens" | "reasoningTokens") =>
    one[name] === undefined && other[name] === undefined
      ? {}
      : { [name]: (one[name] ?? 0) + (other[name] ?? 0) };
  return {
    inputTokens: one.inputTokens + other.inputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    ...sum("cachedInputTokens"),
    ...sum("reasoningTokens"),
  };
}
