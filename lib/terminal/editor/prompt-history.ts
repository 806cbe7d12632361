/** Prompts of before, the latest last. What was typed and not sent is kept while a person looks through them. */
export class PromptHistory {
  readonly #maxEntries: number;
  readonly #onAdd: (text: string) => void;
  #entries: string[];
  /** Where a person is; the number of entries where that is the line being typed. */
  #at: number;
  #draft = "";

  /** @param onAdd told each prompt that is added, to keep it */
  constructor(entries: readonly string[], maxEntries: number, onAdd: (text: string) => void = () => {}) {
    this.#maxEntries = maxEntries;
    this.#onAdd = onAdd;
    this.#entries = [...entries].slice(-maxEntries);
    this.#at = this.#entries.length;
  }

  /** Adds a prompt; an older one of the same text goes. */
  add(text: string): void {
    if (text.trim() === "") return;
    this.#onAdd(text);
    this.#entries = [...this.#entries.filter((entry) => entry !== text), text].slice(-this.#maxEntries);
    this.rewind();
  }

  /** Back to the line that is being typed. */
  rewind(): void {
    this.#at = this.#entries.length;
    this.#draft = "";
  }

  /** The entry before; undefined at the oldest. */
  older(current: string): string | undefined {
    if (this.#at === 0) return undefined;
    if (this.#at === this.#entries.length) this.#draft = current;
    this.#at -= 1;
    return this.#entries[this.#at];
  }

  /** The entry after, at last the line that was being typed; undefined there. */
  newer(): string | undefined {
    if (this.#at >= this.#entries.length) return undefined;
    this.#at += 1;
    return this.#entries[this.#at] ?? this.#draft;
  }

  /**
   * The latest entry that contains a text, whatever its case.
   *
   * @param skip how many that fit are passed over
   */
  find(text: string, skip: number): string | undefined {
    const wanted = text.toLowerCase();
    if (wanted === "") return undefined;
    return this.#entries.toReversed().filter((entry) => entry.toLowerCase().includes(wanted))[skip];
  }
}
