import type { Clock } from "../../base/clock.ts";

/** What was found out about tokens that were verified before. */
export interface TokenMemory<Value> {
  get(digest: string): Value | undefined;
  /** Remembers a value until the given moment, in milliseconds since the Unix epoch. */
  set(digest: string, value: Value, expiresAtMs: number): void;
  delete(digest: string): void;
}

/** A token's digest: what is remembered cannot be used as a token. */
export function digestToken(token: string): string {
  return Bun.SHA256.hash(token, "base64");
}

/** A memory of at most `maxEntries`; what was used least recently goes first. */
export function createTokenMemory<Value>(maxEntries: number, clock: Clock): TokenMemory<Value> {
  const entries = new Map<string, { readonly value: Value; readonly expiresAtMs: number }>();
  return {
    get(digest) {
      const entry = entries.get(digest);
      if (!entry) return undefined;
      // Taken out and put back at the end: the order of the map is the order of use.
      entries.delete(digest);
      if (entry.expiresAtMs <= clock.nowMs()) return undefined;
      entries.set(digest, entry);
      return entry.value;
    },
    set(digest, value, expiresAtMs) {
      if (maxEntries === 0 || !(expiresAtMs > clock.nowMs())) return;
      entries.delete(digest);
      entries.set(digest, { value, expiresAtMs });
      const [oldest] = entries.keys();
      if (entries.size > maxEntries && oldest !== undefined) entries.delete(oldest);
    },
    delete: (digest) => void entries.delete(digest),
  };
}
