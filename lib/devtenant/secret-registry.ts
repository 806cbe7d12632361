/** What kind of secret was minted. A user code is shown to a person on purpose. */
export type SecretKind = "device_code" | "user_code" | "access_token" | "refresh_token" | "id_token";

/** One secret that the dev tenant gave away. */
export interface Secret {
  readonly kind: SecretKind;
  readonly value: string;
}

/** So many are remembered, far more than a test run mints; then the oldest are forgotten. */
const maxSecrets = 20_000;

/** Remembers every secret that was minted, so that tests can search all output for them. */
export class SecretRegistry {
  readonly #secrets: Secret[] = [];

  /** Remembers a secret and gives its value back. */
  add(kind: SecretKind, value: string): string {
    this.#secrets.push({ kind, value });
    if (this.#secrets.length > maxSecrets) this.#secrets.shift();
    return value;
  }

  /** Everything minted so far, in order. */
  all(): readonly Secret[] {
    return [...this.#secrets];
  }

  /** The kinds of secrets that stand in a text; user codes are meant to be seen and do not count. */
  findIn(text: string): readonly SecretKind[] {
    const found = this.#secrets.filter(({ kind, value }) => kind !== "user_code" && text.includes(value));
    return [...new Set(found.map(({ kind }) => kind))];
  }
}
