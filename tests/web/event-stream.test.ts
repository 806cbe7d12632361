import { expect, test } from "bun:test";
import { openEventStream } from "../../lib/web/event-stream.ts";

test("a quiet stream is kept alive with comments, until its end", async () => {
  const { response, end } = openEventStream(1);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader?.read())?.value).toBe(": keepalive\n\n");
  end();
  let last = await reader?.read();
  while (last?.done === false) last = await reader?.read();
  expect(last?.done).toBe(true);
});

test("what is sent after the end, or to nobody, is dropped", async () => {
  const { response, send, end } = openEventStream();
  send("progress", { text: "a\nb" });
  end();
  end();
  send("result", {});
  expect(await response.text()).toBe('event: progress\ndata: {"text":"a\\nb"}\n\n');
  const left = openEventStream();
  await left.response.body?.cancel();
  expect(left.closed.aborted).toBe(true);
  left.send("result", {});
  left.end();
});
