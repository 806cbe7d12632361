import type { AnswerPart, AnswerStream } from "./provider-model.ts";

const partId = "chat-reasoning";

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/** DeepSeek and vLLM say `reasoning_content`, Ollama and OpenRouter `reasoning`. OpenAI itself says nothing. */
function readDelta(chunk: unknown): string {
  const choices = member(chunk, "choices");
  const delta = Array.isArray(choices) ? member(choices[0], "delta") : undefined;
  const text = member(delta, "reasoning_content") ?? member(delta, "reasoning");
  return typeof text === "string" ? text : "";
}

/**
 * Makes reasoning of Chat Completions part of the answer. The SDK's provider does not know these members of
 * compatible servers, but passes the raw chunks on; they end here.
 */
export function readChatReasoning(stream: AnswerStream): AnswerStream {
  let isOpen = false;
  return stream.pipeThrough(
    new TransformStream<AnswerPart, AnswerPart>({
      transform(part, controller) {
        const delta = part.type === "raw" ? readDelta(part.rawValue) : "";
        if (delta !== "") {
          if (!isOpen) controller.enqueue({ type: "reasoning-start", id: partId });
          isOpen = true;
          controller.enqueue({ type: "reasoning-delta", id: partId, delta });
        }
        if (part.type === "raw") return;
        if (isOpen && part.type !== "response-metadata") {
          isOpen = false;
          controller.enqueue({ type: "reasoning-end", id: partId });
        }
        controller.enqueue(part);
      },
    }),
  );
}
