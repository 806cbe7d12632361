import type { AssistantModelMessage, ModelMessage, ToolModelMessage } from "ai";
import { interruptedAnswer, toModelOutput } from "./tool-answer.ts";

type AssistantPart = Exclude<AssistantModelMessage["content"], string>[number];
type ToolCallPart = Extract<AssistantPart, { type: "tool-call" }>;
type ResultPart = Extract<ToolModelMessage["content"][number], { type: "tool-result" }>;

/** The tool calls in a message. */
export function callsOf(message: ModelMessage): ToolCallPart[] {
  if (message.role !== "assistant" || typeof message.content === "string") return [];
  return message.content.filter((part) => part.type === "tool-call");
}

function resultsOf(message: ModelMessage): ResultPart[] {
  return message.role === "tool" ? message.content.filter((part) => part.type === "tool-result") : [];
}

function interrupt({ toolCallId, toolName }: ToolCallPart): ResultPart {
  return { type: "tool-result", toolCallId, toolName, output: toModelOutput(interruptedAnswer) };
}

type Part = Exclude<ModelMessage["content"], string>[number];

/** What a provider sealed into a message, such as encrypted reasoning, is good for itself only. */
function unseal(message: ModelMessage): ModelMessage {
  if (message.role !== "assistant" || typeof message.content === "string") return message;
  const isKept = (part: Part) => part.type === "text" || part.type === "tool-call";
  const content = message.content.filter(isKept).map(({ providerOptions: _sealed, ...part }) => part);
  return { role: "assistant", content: content as AssistantPart[] };
}

/**
 * Makes a history valid for the next request to a model, whatever it was cut off by: right after the message with
 * its calls every call has one result, if need be one that says that it was interrupted and may have run. Results
 * without a call go; a prompt at the end that nobody answered goes, too, and so does what only the model's own server
 * could read.
 */
export function repairHistory(messages: readonly ModelMessage[]): ModelMessage[] {
  const repaired: ModelMessage[] = [];
  for (const [index, message] of messages.entries()) {
    if (message.role === "tool") continue;
    const unsealed = unseal(message);
    if (unsealed.content.length === 0) continue;
    repaired.push(unsealed);
    const calls = callsOf(message);
    if (calls.length === 0) continue;
    const next = messages.slice(index + 1);
    const end = next.findIndex(({ role }) => role !== "tool");
    const results = next.slice(0, end === -1 ? next.length : end).flatMap(resultsOf);
    const content = calls.map(
      (call) => results.find(({ toolCallId }) => toolCallId === call.toolCallId) ?? interrupt(call),
    );
    repaired.push({ role: "tool", content });
  }
  while (repaired.at(-1)?.role === "user") repaired.pop();
  return repaired;
}
