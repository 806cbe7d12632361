import type { AssistantModelMessage, ToolModelMessage } from "ai";
import { interruptedAnswer, notRunAnswer, type ToolAnswer, toModelOutput } from "./tool-answer.ts";

/** A tool call that was made, as the model asked for it. */
export interface MadeCall {
  readonly toolCallId: string;
  /** The name under which the model knows the tool. */
  readonly toolName: string;
  readonly input: unknown;
  /** Absent while it runs. */
  answer?: ToolAnswer | undefined;
}

/** What a model's turn consists of. */
export type AnswerMessage = AssistantModelMessage | ToolModelMessage;
type AssistantPart = Exclude<AssistantModelMessage["content"], string>[number];
type ResultPart = ToolModelMessage["content"][number];

function toResultPart(call: Omit<MadeCall, "input">): ResultPart {
  const { toolCallId, toolName, answer = interruptedAnswer } = call;
  return { type: "tool-result", toolCallId, toolName, output: toModelOutput(answer) };
}

function findOpenCalls(messages: readonly AnswerMessage[]): ResultPart[] {
  const parts = messages.flatMap<AssistantPart | ResultPart>(({ content }) =>
    typeof content === "string" ? [] : content,
  );
  const answered = new Set(parts.flatMap((part) => (part.type === "tool-result" ? [part.toolCallId] : [])));
  return parts.flatMap((part) =>
    part.type === "tool-call" && !answered.has(part.toolCallId)
      ? [toResultPart({ toolCallId: part.toolCallId, toolName: part.toolName, answer: notRunAnswer })]
      : [],
  );
}

/**
 * What a turn adds to the history. It is valid at any time: every tool call has its result.
 *
 * A step that has ended gives its messages. Of one that was cut off there stay the text as far as it came and the
 * calls that were made; calls that were only asked for are forgotten.
 */
export class TurnHistory {
  readonly #ended: AnswerMessage[] = [];
  #isStepOpen = false;
  #text = "";
  #calls: MadeCall[] = [];

  /** What the model wrote in its last step. */
  get text(): string {
    return this.#text;
  }

  startStep(): void {
    this.#isStepOpen = true;
    this.#text = "";
  }

  addText(text: string): void {
    this.#text += text;
  }

  addCall(call: MadeCall): void {
    this.#calls.push(call);
  }

  /** Takes the messages of a step that has ended. Calls in it that were never made get a result that says so. */
  endStep(messages: readonly AnswerMessage[]): void {
    const open = findOpenCalls(messages);
    const last = messages.at(-1);
    if (last?.role === "tool") {
      this.#ended.push(...messages.slice(0, -1), { role: "tool", content: [...last.content, ...open] });
    } else {
      this.#ended.push(...messages);
      if (open.length > 0) this.#ended.push({ role: "tool", content: open });
    }
    this.#calls = [];
    this.#isStepOpen = false;
  }

  /** All messages so far; those of a step that was cut off are made up from what came of it. */
  toMessages(): AnswerMessage[] {
    const content: AssistantPart[] = this.#calls.map(({ toolCallId, toolName, input }) => ({
      type: "tool-call",
      toolCallId,
      toolName,
      input,
    }));
    if (this.#isStepOpen && this.#text !== "") content.unshift({ type: "text", text: this.#text });
    if (content.length === 0) return [...this.#ended];
    const messages: AnswerMessage[] = [...this.#ended, { role: "assistant", content }];
    if (this.#calls.length > 0) messages.push({ role: "tool", content: this.#calls.map(toResultPart) });
    return messages;
  }
}
