import { AppError } from "../base/errors.ts";

/** What kind of secret was minted. A user code is shown to a person on purpose. */
export type SecretKind =
  | "device_code"
  | "user_code"
  | "authorization_code"
  | "access_token"
  | "refresh_token"
  | "id_token"
  | "client_secret";

/** One secret that the dev tenant gave away. */
export interface Secret {
  readonly kind: SecretKind;
  readonly value: string;
}

/** So many characters are remembered, some 50 000 tokens; then the oldest are forgotten. */
const defaultMaxCharacters = 64 * 1024 * 1024;

/** What a secret weighs beside its characters. */
const overhead = 100;

/** Remembers every secret that was minted, so that tests can search all output for them. */
export class SecretRegistry {
  readonly #secrets = new Set<Secret>();
  readonly #maxCharacters: number;
  #characters = 0;
  #forgotten = 0;

  /** @param maxCharacters default 64 Mi, some 50 000 tokens */
  constructor(maxCharacters = defaultMaxCharacters) {
    this.#maxCharacters = maxCharacters;
  }

  /** How many were forgotten for want of room: where it is not 0, a search proves nothing. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** Remembers a secret and gives its value back. An empty one is none. */
  add(kind: SecretKind, value: string): string {
    if (value === "") return value;
    this.#secrets.add({ kind, value });
    this.#characters += value.length + overhead;
    while (this.#characters > this.#maxCharacters) this.#forgetOldest();
    return value;
  }

  #forgetOldest(): void {
    const [oldest] = this.#secrets;
    if (!oldest) return;
    this.#secrets.delete(oldest);
    this.#characters -= oldest.value.length + overhead;
    this.#forgotten += 1;
  }

  /** Everything that is remembered, in order. */
  all(): readonly Secret[] {
    return [...this.#secrets];
  }

  /**
   * The kinds of secrets that stand in a text; user codes are meant to be seen and do not count.
   *
   * @throws `usage` once a secret was forgotten: the answer would prove nothing
   */
  findIn(text: string): readonly SecretKind[] {
    if (this.#forgotten > 0) {
      throw new AppError("usage", `The dev tenant has forgotten ${this.#forgotten} of its secrets.`, {
        hint: "Start another dev tenant for so many tokens.",
      });
    }
    const found = this.all().filter(({ kind, value }) => kind !== "user_code" && text.includes(value));
    return [...new Set(found.map(({ kind }) => kind))];
  }
}
