/** One event of a stream. */
export interface StreamEvent {
  readonly name: string;
  readonly data: string;
}

/** No event of ours comes near it: a tool's result is capped by the server. */
const maxBufferLength = 32 * 1024 * 1024;

function readEvent(block: string): StreamEvent | undefined {
  const fields = block.split(/\r\n|\n|\r/).map((line) => {
    const [, name = "", value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    return { name, value };
  });
  const valuesOf = (wanted: string) => fields.filter(({ name }) => name === wanted).map(({ value }) => value);
  const data = valuesOf("data");
  return data.length === 0
    ? undefined
    : { name: valuesOf("event").at(-1) ?? "message", data: data.join("\n") };
}

/**
 * Reads server-sent events from the body of an answer, however it is cut into chunks.
 *
 * @see HTML Living Standard, "Interpreting an event stream"
 */
export async function* readEventStream(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<StreamEvent, void> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      buffer += value;
      if (buffer.length > maxBufferLength) throw new Error("the stream has an event beyond all measure");
      // A long event comes in many chunks, of which only the last one ends it.
      if (!/[\r\n]/.test(value)) continue;
      const blocks = buffer.split(/\r\n\r\n|\n\n|\r\r/);
      buffer = blocks.pop() ?? "";
      for (const block of blocks) {
        const event = readEvent(block);
        if (event) yield event;
      }
    }
  } finally {
    void reader.cancel().catch(() => {});
  }
}
