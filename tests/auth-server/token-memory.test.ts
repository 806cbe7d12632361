import { describe, expect, test } from "bun:test";
import { createTokenMemory, digestToken } from "../../lib/auth/server/token-memory.ts";

function openMemory(maxEntries: number) {
  const state = { nowMs: 1000 };
  const memory = createTokenMemory<string>(maxEntries, { nowMs: () => state.nowMs });
  return { state, memory, held: (...digests: string[]) => digests.filter((digest) => memory.get(digest)) };
}

describe("the memory of verified tokens", () => {
  test("gives a value back until its last millisecond", () => {
    const { memory, state } = openMemory(2);
    memory.set("a", "alice", 2000);
    state.nowMs = 1999;
    expect(memory.get("a")).toBe("alice");
    state.nowMs = 2000;
    expect(memory.get("a")).toBeUndefined();
    state.nowMs = 1999;
    expect(memory.get("a")).toBeUndefined();
  });

  test("knows nothing of other digests", () => {
    const { memory } = openMemory(2);
    memory.set("a", "alice", 2000);
    expect(memory.get("b")).toBeUndefined();
    expect(memory.get("__proto__")).toBeUndefined();
  });

  test("does not take what is over already", () => {
    const { memory, held } = openMemory(2);
    memory.set("a", "alice", 1000);
    memory.set("b", "bob", Number.NaN);
    expect(held("a", "b")).toEqual([]);
  });

  test("has room for so many and no more: what was used least recently goes", () => {
    const { memory, held } = openMemory(2);
    memory.set("a", "alice", 2000);
    memory.set("b", "bob", 2000);
    memory.get("a");
    memory.set("c", "carol", 2000);
    expect(held("a", "b", "c")).toEqual(["a", "c"]);
  });

  test("counts a value that is set again once, and takes it as used", () => {
    const { memory, held } = openMemory(2);
    memory.set("a", "alice", 2000);
    memory.set("b", "bob", 2000);
    memory.set("a", "alice", 3000);
    expect(held("a", "b")).toEqual(["a", "b"]);
    memory.set("a", "alice", 3000);
    memory.set("c", "carol", 2000);
    expect(held("a", "b", "c")).toEqual(["a", "c"]);
  });

  test("of no entries remembers none", () => {
    const { memory } = openMemory(0);
    memory.set("a", "alice", 2000);
    expect(memory.get("a")).toBeUndefined();
  });

  test("forgets what is deleted", () => {
    const { memory } = openMemory(2);
    memory.set("a", "alice", 2000);
    memory.delete("a");
    memory.delete("b");
    expect(memory.get("a")).toBeUndefined();
  });

  test("is keyed by SHA-256, from which no token can be won back", () => {
    expect(digestToken("abc")).toBe("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    expect(digestToken("abd")).not.toBe(digestToken("abc"));
  });
});
