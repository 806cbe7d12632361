import { describe, expect, test } from "bun:test";
import { readCapped } from "../../lib/base/read-capped.ts";

function bodyOf(...pieces: string[]) {
  const seen = { cancelled: false };
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = pieces.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(new TextEncoder().encode(piece));
    },
    cancel() {
      seen.cancelled = true;
    },
  });
  return { body, seen };
}

describe("a capped read", () => {
  test("gives all bytes, up to the cap", async () => {
    let pieces = 0;
    const read = await readCapped(bodyOf("ab", "cd").body, { maxBytes: 4, onChunk: () => pieces++ });
    expect(read?.toString()).toBe("abcd");
    expect(pieces).toBe(2);
  });

  test("gives nothing beyond the cap, and reads no further", async () => {
    const { body, seen } = bodyOf("ab", "cd", "ef");
    expect(await readCapped(body, { maxBytes: 3 })).toBeUndefined();
    expect(seen.cancelled).toBe(true);
  });

  test("of no body is empty", async () => {
    expect((await readCapped(null, { maxBytes: 0 }))?.byteLength).toBe(0);
  });

  test("ends with its signal, whose reason it throws", async () => {
    const caller = new AbortController();
    const endless = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) });
    const reading = readCapped(endless, { maxBytes: 1, signal: caller.signal });
    caller.abort(new Error("enough"));
    await expect(reading).rejects.toThrow("enough");
  });

  test("breaks where the body does", async () => {
    const broken = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error("cut")),
    });
    await expect(readCapped(broken, { maxBytes: 1 })).rejects.toThrow("cut");
  });
});
