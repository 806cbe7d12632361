import type { TextStreamPart, ToolSet } from "ai";
import type { AgentEvent, EventSink } from "../base/events.ts";

/** Turns one answer of the model into events, and keeps its text as far as it came. */
export class AnswerEvents {
  readonly #emit: EventSink<AgentEvent>;
  #open: "text" | "reasoning" | undefined;
  #text = "";
  #hasContent = false;

  constructor(emit: EventSink<AgentEvent>) {
    this.#emit = emit;
  }

  /** What the model wrote so far. */
  get text(): string {
    return this.#text;
  }

  /** Whether anything of an answer has come: then it is not asked for again. */
  get hasContent(): boolean {
    return this.#hasContent;
  }

  read(part: TextStreamPart<ToolSet>): void {
    switch (part.type) {
      case "text-delta":
        return this.#addText(part.text);
      case "reasoning-delta":
        return this.#addReasoning(part.text);
      case "text-end":
      case "reasoning-end":
        return this.end();
      case "tool-input-start":
      case "tool-call":
        this.#hasContent = true;
        return this.end();
    }
  }

  /** Ends the text or the reasoning that is open, if one is. */
  end(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open === "text") this.#emit({ type: "text_ended" });
    if (open === "reasoning") this.#emit({ type: "reasoning_ended" });
  }

  #addText(text: string): void {
    if (text === "") return;
    this.#begin("text");
    this.#text += text;
    this.#emit({ type: "text_delta", text });
  }

  #addReasoning(text: string): void {
    if (text === "") return;
    this.#begin("reasoning");
    this.#emit({ type: "reasoning_delta", text });
  }

  #begin(kind: "text" | "reasoning"): void {
    this.#hasContent = true;
    if (this.#open !== kind) this.end();
    this.#open = kind;
  }
}
