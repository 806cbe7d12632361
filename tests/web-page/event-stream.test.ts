import { expect, test } from "bun:test";
import { readEventStream } from "../../lib/web/page/api/event-stream.ts";

function read(...chunks: readonly Uint8Array<ArrayBuffer>[]): Promise<unknown[]> {
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  return Array.fromAsync(readEventStream(body));
}

const encode = (text: string) => new TextEncoder().encode(text);

test.each<[string, string[]]>([
  ["in one piece", ["event: progress\ndata: {}\n\nevent: result\ndata: 1\n\n"]],
  ["byte by byte", [..."event: progress\ndata: {}\n\nevent: result\ndata: 1\n\n"]],
  ["with comments between", [":\n\nevent: progress\ndata: {}\n\n: still here\n\nevent: result\ndata: 1\n\n"]],
  ["with other line ends", ["event: progress\r\ndata: {}\r\n\r\nevent: result\r\ndata: 1\r\n\r\n"]],
])("reads events that come %s", async (_, chunks) => {
  expect(await read(...chunks.map(encode))).toEqual([
    { name: "progress", data: "{}" },
    { name: "result", data: "1" },
  ]);
});

test("joins lines of data, names what has no name, and drops what is cut off", async () => {
  expect(await read(encode("data: a\ndata: b\n\nevent: result\ndata: cut"))).toEqual([
    { name: "message", data: "a\nb" },
  ]);
});

test("keeps characters whole that are cut in the middle of their bytes", async () => {
  const bytes = encode("data: 👩\n\n");
  expect(await read(bytes.slice(0, 8), bytes.slice(8))).toEqual([{ name: "message", data: "👩" }]);
});
