import type { Abortable } from "./abort.ts";

/** Bounds on reading a body. */
export interface ReadLimits extends Abortable {
  readonly maxBytes: number;
  /** Called for each piece that arrives. */
  readonly onChunk?: (() => void) | undefined;
}

/**
 * Reads a body to its end.
 *
 * @returns undefined when it is larger than it may be; the rest is then not read
 * @throws the signal's reason when it fires, and whatever breaks the body off
 */
export async function readCapped(
  body: ReadableStream<Uint8Array> | null,
  { maxBytes, onChunk, signal }: ReadLimits,
): Promise<Buffer | undefined> {
  const reader = body?.getReader();
  if (!reader) return Buffer.alloc(0);
  const cancel = () => void reader.cancel().catch(() => {});
  signal?.addEventListener("abort", cancel, { once: true });
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal?.throwIfAborted();
      if (done) return Buffer.concat(chunks);
      onChunk?.();
      size += value.byteLength;
      if (size > maxBytes) {
        cancel();
        return undefined;
      }
      chunks.push(value);
    }
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}
