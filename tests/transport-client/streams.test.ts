import { describe, expect, jest, test } from "bun:test";
import { AppError } from "../../lib/base/errors.ts";
import { checkJsonAnswer } from "../../lib/transport/client/check-answer.ts";
import { EventReader } from "../../lib/transport/client/event-reader.ts";
import { growingOnly } from "../../lib/transport/client/growing-progress.ts";
import { Operation } from "../../lib/transport/client/operation.ts";
import { capEvents, watchStream } from "../../lib/transport/client/watch-stream.ts";
import { failureOf } from "./settled.ts";

const url = new URL("http://127.0.0.1/mcp");

function streamOf(...pieces: string[]): ReadableStream<Uint8Array> {
  const bytes = pieces.map((piece) => new TextEncoder().encode(piece));
  return new ReadableStream({
    start(controller) {
      for (const piece of bytes) controller.enqueue(piece);
      controller.close();
    },
  });
}

describe("reading events", () => {
  const read = (...pieces: string[]) => {
    const reader = new EventReader(1000);
    return pieces.flatMap((piece) => reader.push(piece));
  };

  test.each([
    ["line feeds", ["data: a\n\ndata: b\n\n"]],
    ["carriage returns", ["data: a\r\rdata: b\r\r"]],
    ["both", ["data: a\r\n\r\ndata: b\r\n\r\n"]],
    ["both, cut in the middle", ["data: a\r", "\n\r", "\ndata", ": b\r\n\r\n"]],
    ["single characters", [..."data: a\r\n\r\ndata: b\r\n\r\n"]],
  ])("copes with %s", (_, pieces) => {
    expect(read(...pieces).map(({ data }) => data)).toEqual(["a", "b"]);
  });

  test("joins the lines of one event, and is not misled by a cut line end", () => {
    expect(read("data: a\r", "\ndata: b\r", "\n\r\n")).toEqual([{ data: "a\nb", hasId: false }]);
  });

  test("sees ids only where the SDK sees them", () => {
    expect(read("id: 1\n\nid: 2\ndata:\n\ndata: x\n\n")).toEqual([
      { data: "", hasId: true },
      { data: "x", hasId: false },
    ]);
  });

  test("takes no data from events of another type", () => {
    expect(read("event: other\ndata: x\n\nevent: message\ndata: y\n\n").map(({ data }) => data)).toEqual([
      "",
      "y",
    ]);
  });

  test.each([
    ["one line", ["data: ", "x".repeat(2000)]],
    ["many lines", Array.from({ length: 200 }, () => "data: 0123456789\n")],
  ])("stops at an event that is too large, in %s", (_, pieces) => {
    expect(() => read(...pieces)).toThrow(AppError);
  });

  test("on a stream that nobody waits for breaks it off when an event is too large", async () => {
    const capped = capEvents(streamOf(`data: ${"x".repeat(2000)}`), 1000);
    expect((await failureOf(new Response(capped).text())).code).toBe("protocol_error");
  });
});

describe("watching a stream", () => {
  const watch = async (text: string, isResumed = false) => {
    const what = { subject: "The call", hasEffects: true };
    const operation = new Operation(what, { idleTimeoutMs: 10_000, maxTimeMs: 10_000 });
    const request = { id: isResumed ? undefined : 7, operation, isResumed, maxEventBytes: 1000 };
    const passed = await new Response(watchStream(streamOf(text), request)).text();
    operation.finish();
    return { passed, operation };
  };

  test("passes an answered stream on as it is", async () => {
    const text = 'data: {"jsonrpc":"2.0","id":7,"result":{}}\n\n';
    const { passed, operation } = await watch(text);
    expect([passed, operation.failure, operation.answer]).toEqual([text, undefined, "result"]);
  });

  test.each([
    ["nothing", ":\n\n"],
    ["the answer to another request", 'data: {"jsonrpc":"2.0","id":8,"result":{}}\n\n'],
    ["half an answer", 'data: {"jsonrpc":"2.0","id":7,"result":{}}\n'],
    ["an answer in an event of another type", 'event: x\ndata: {"jsonrpc":"2.0","id":7,"result":{}}\n\n'],
  ])("fails the call when the stream brings %s, and ends it for the SDK", async (_, text) => {
    const { passed, operation } = await watch(text);
    expect(operation.failure?.code).toBe("connection_lost");
    expect(passed).toEndWith("\n\n");
    expect(passed).toContain('"error"');
  });

  test("leaves a stream with event ids to be taken up again", async () => {
    const { passed, operation } = await watch("id: 1\ndata:\n\n");
    expect([passed, operation.failure]).toEqual(["id: 1\ndata:\n\n", undefined]);
  });

  test("makes no answer of its own where it does not know the request", async () => {
    const { passed } = await watch(":\n\n", true);
    expect(passed).toBe(":\n\n");
  });

  test("reports an error that the server could not address", async () => {
    const { operation } = await watch(
      'data: {"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"?"}}\n\n',
    );
    expect([operation.failure?.code, operation.failure?.message]).toEqual([
      "protocol_error",
      expect.stringContaining("-32700"),
    ]);
  });

  test("does not have a stream taken up again that nobody waits for", async () => {
    const operation = new Operation(
      { subject: "x", hasEffects: true },
      { idleTimeoutMs: 1000, maxTimeMs: 1000 },
    );
    operation.finish();
    const request = { id: 7, operation, isResumed: false, maxEventBytes: 1000 };
    const passed = await new Response(watchStream(streamOf("id: 1\ndata:\n\n"), request)).text();
    expect(passed).toContain('"id":7');
  });
});

test("a JSON answer with an error that the server could not address is reported", () => {
  const body = '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"?"}}';
  expect(() => checkJsonAnswer(body, 7, url)).toThrow("-32700");
});

describe("progress", () => {
  test("grows, and every report is a sign of life", () => {
    const seen: number[] = [];
    const touch = jest.fn();
    const report = growingOnly(({ progress }) => seen.push(progress), { touch, isFinished: false });
    for (const progress of [1, 1, 0, Number.NaN, 2]) report({ progress });
    expect([seen, touch.mock.calls.length]).toEqual([[1, 2], 5]);
  });

  test("ends with the call", () => {
    const seen: number[] = [];
    const report = growingOnly(({ progress }) => seen.push(progress), { touch() {}, isFinished: true });
    report({ progress: 1 });
    expect(seen).toEqual([]);
  });
});
