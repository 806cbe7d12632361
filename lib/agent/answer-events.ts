import type { TextStreamPart, ToolSet } from "ai";
import type { AgentEvent, EventSink } from "../base/events.ts";
import type { TurnHistory } from "./turn-history.ts";

/**
 * Turns the model's stream into events, and keeps its text for the history.
 *
 * The AI SDK starts the calls of a step while the end of its text is still on the way. So a call waits with
 * {@link reached} until its own place in the stream has come: events have the order in which things happened.
 */
export class AnswerEvents {
  readonly #history: TurnHistory;
  readonly #emit: EventSink<AgentEvent>;
  readonly #places = new Map<string, PromiseWithResolvers<void>>();
  #isTextOpen = false;

  constructor(history: TurnHistory, emit: EventSink<AgentEvent>) {
    this.#history = history;
    this.#emit = emit;
  }

  read(part: TextStreamPart<ToolSet>): void {
    if (part.type === "start-step") this.#history.startStep();
    if (part.type === "text-delta" && part.text !== "") this.#addText(part.text);
    if (part.type === "text-end") this.endText();
    if (part.type === "tool-call") {
      this.endText();
      this.#placeOf(part.toolCallId).resolve();
    }
  }

  /** Ends the text that is open, if one is. */
  endText(): void {
    if (!this.#isTextOpen) return;
    this.#isTextOpen = false;
    this.#emit({ type: "text_ended" });
  }

  /**
   * Waits until the stream has come to a tool call.
   *
   * @returns false when the signal fired before
   */
  async reached(toolCallId: string, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    const place = this.#placeOf(toolCallId);
    signal.addEventListener("abort", () => place.resolve(), { once: true });
    await place.promise;
    return !signal.aborted;
  }

  #addText(text: string): void {
    this.#isTextOpen = true;
    this.#history.addText(text);
    this.#emit({ type: "text_delta", text });
  }

  #placeOf(toolCallId: string): PromiseWithResolvers<void> {
    const place = this.#places.get(toolCallId) ?? Promise.withResolvers<void>();
    this.#places.set(toolCallId, place);
    return place;
  }
}
