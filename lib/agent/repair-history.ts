import type { AssistantModelMessage, ModelMessage, ToolModelMessage, UserModelMessage } from "ai";
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

function plainPart(part: Part): AssistantPart[] {
  if (part.type === "text") return [{ type: "text", text: part.text }];
  if (part.type !== "tool-call") return [];
  const { toolCallId, toolName, input } = part;
  return [{ type: "tool-call", toolCallId, toolName, input }];
}

function textOf(content: UserModelMessage["content"]): string {
  if (typeof content === "string") return content;
  return content.map((part) => (part.type === "text" ? part.text : "")).join("");
}

/**
 * A message as we would have made it. What a provider sealed into it, such as encrypted reasoning, is good for itself
 * only; and a file may have been changed: nothing in it becomes an instruction of ours, an address that somebody
 * fetches, or an option of a provider.
 */
function simplify(message: ModelMessage): ModelMessage | undefined {
  const { role, content } = message;
  if (role === "user") return { role, content: textOf(content) };
  if (role !== "assistant") return undefined;
  if (typeof content === "string") return { role, content };
  return { role, content: content.flatMap(plainPart) };
}

function simplifyResult({ toolCallId, toolName, output }: ResultPart): ResultPart[] {
  if (output.type !== "text" && output.type !== "error-text") return [];
  const { type, value } = output;
  return [{ type: "tool-result", toolCallId, toolName, output: { type, value } }];
}

/**
 * Makes a history valid for the next request to a model, whatever it was cut off by: right after the message with
 * its calls every call has one result, if need be one that says that it was interrupted and may have run. Results
 * without a call go; a prompt at the end that nobody answered goes, too, and so do instructions, pictures, and what
 * only the model's own server could read.
 */
export function repairHistory(messages: readonly ModelMessage[]): ModelMessage[] {
  const repaired: ModelMessage[] = [];
  for (const [index, message] of messages.entries()) {
    const simple = simplify(message);
    if (!simple || simple.content.length === 0) continue;
    repaired.push(simple);
    const calls = callsOf(message);
    if (calls.length === 0) continue;
    const next = messages.slice(index + 1);
    const end = next.findIndex(({ role }) => role !== "tool");
    const results = next
      .slice(0, end === -1 ? next.length : end)
      .flatMap(resultsOf)
      .flatMap(simplifyResult);
    const content = calls.map(
      (call) => results.find(({ toolCallId }) => toolCallId === call.toolCallId) ?? interrupt(call),
    );
    repaired.push({ role: "tool", content });
  }
  while (repaired.at(-1)?.role === "user") repaired.pop();
  return repaired;
}
