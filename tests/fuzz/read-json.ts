/**
 * Reads JSON by the letter of RFC 8259, for the oracle: no duplicate members at any level, at most 16 levels.
 * Written apart from the verifier's reader and without JSON.parse, so that they share no bug.
 */

/** A JSON value; objects are maps, so that no name means anything special. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = ReadonlyMap<string, Json>;

const maxLevels = 16;
const blanks = /[ \t\n\r]*/y;
const numbers = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const plain = /[^"\\\u0000-\u001f]*/y;
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};
const literals = [
  ["null", null],
  ["true", true],
  ["false", false],
] as const;

class NotJson extends Error {}

class Reader {
  #at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  readAll(): Json {
    const value = this.#readValue(1);
    this.#take(blanks);
    if (this.#at !== this.#text.length) throw new NotJson();
    return value;
  }

  /** What the pattern matches here. */
  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [match] = pattern.exec(this.#text) ?? [""];
    this.#at += match.length;
    return match;
  }

  /** Whether this text is next, after blanks; if so it is passed. */
  #pass(word: string): boolean {
    this.#take(blanks);
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  #need(word: string): void {
    if (!this.#pass(word)) throw new NotJson();
  }

  #readValue(level: number): Json {
    if (this.#pass("{")) return this.#readMembers(level);
    if (this.#pass("[")) return this.#readElements(level);
    if (this.#pass('"')) return this.#readString();
    for (const [word, value] of literals) if (this.#pass(word)) return value;
    const digits = this.#take(numbers);
    if (digits === "") throw new NotJson();
    return Number(digits);
  }

  #readMembers(level: number): JsonObject {
    if (level > maxLevels) throw new NotJson();
    const members = new Map<string, Json>();
    if (this.#pass("}")) return members;
    do {
      this.#need('"');
      const name = this.#readString();
      if (members.has(name)) throw new NotJson();
      this.#need(":");
      members.set(name, this.#readValue(level + 1));
    } while (this.#pass(","));
    this.#need("}");
    return members;
  }

  #readElements(level: number): readonly Json[] {
    if (level > maxLevels) throw new NotJson();
    const elements: Json[] = [];
    if (this.#pass("]")) return elements;
    do {
      elements.push(this.#readValue(level + 1));
    } while (this.#pass(","));
    this.#need("]");
    return elements;
  }

  #readString(): string {
    let value = this.#take(plain);
    for (;;) {
      const next = this.#text[this.#at++];
      if (next === '"') return value;
      if (next !== "\\") throw new NotJson();
      value += this.#readEscape() + this.#take(plain);
    }
  }

  #readEscape(): string {
    const letter = this.#text[this.#at++] ?? "";
    if (letter !== "u") {
      const character = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined;
      if (character === undefined) throw new NotJson();
      return character;
    }
    const digits = this.#text.slice(this.#at, this.#at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new NotJson();
    this.#at += 4;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }
}

/** Reads UTF-8 bytes that hold one JSON object, or nothing where they do not. */
export function readJsonObject(bytes: Uint8Array): JsonObject | undefined {
  const text = Buffer.from(bytes).toString("utf8");
  // What is no UTF-8 comes back as other bytes.
  if (!Buffer.from(text, "utf8").equals(bytes)) return undefined;
  try {
    const value = new Reader(text).readAll();
    return value instanceof Map ? value : undefined;
  } catch (error) {
    if (error instanceof NotJson) return undefined;
    throw error;
  }
}
