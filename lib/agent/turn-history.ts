import type { ModelMessage } from "ai";

/**
 * What a turn adds to the history. A message is final once it is here: whoever keeps a file is told then. The prompt
 * comes with the first answer, so that a turn without one leaves no trace.
 */
export class TurnHistory {
  readonly #prompt: ModelMessage;
  readonly #messages: ModelMessage[] = [];
  readonly #onMessages: ((messages: readonly ModelMessage[]) => void) | undefined;

  constructor(prompt: string, onMessages?: (messages: readonly ModelMessage[]) => void) {
    this.#prompt = { role: "user", content: prompt };
    this.#onMessages = onMessages;
  }

  add(message: ModelMessage): void {
    const added = this.#messages.length === 0 ? [this.#prompt, message] : [message];
    this.#messages.push(...added);
    this.#onMessages?.(added);
  }

  /** The prompt and what came of it; nothing where nothing came. */
  messages(): readonly ModelMessage[] {
    return [...this.#messages];
  }

  /** For the next request to the model. */
  toRequest(history: readonly ModelMessage[]): ModelMessage[] {
    return [...history, ...(this.#messages.length === 0 ? [this.#prompt] : this.#messages)];
  }
}
