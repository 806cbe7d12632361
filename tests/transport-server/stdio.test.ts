import { once } from "node:events";
import { PassThrough } from "node:stream";
import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { silentLog } from "../../lib/base/log.ts";
import { defineTool } from "../../lib/tools/tool.ts";
import { createToolset } from "../../lib/tools/toolset.ts";
import { bindToolsetLegacy } from "../../lib/transport/server/legacy/bind-toolset.ts";
import { bindToolsetModern } from "../../lib/transport/server/modern/bind-toolset.ts";
import { LineReader } from "../../lib/base/line-reader.ts";
import { serveStdio } from "../../lib/transport/server/stdio/serve-stdio.ts";

type Json = Record<string, unknown>;

/** A server on two streams; each `echo` waits until the test lets it go, `quick` does not. */
function open({ maxLineBytes = 10_000, outputBytes = 1_000_000 } = {}) {
  const waiting = new Map<string, PromiseWithResolvers<void>>();
  const signals: AbortSignal[] = [];
  const echo = defineTool({
    name: "echo",
    title: "Echo",
    description: "Waits for the test.",
    input: z.strictObject({ word: z.string() }),
    output: z.strictObject({ word: z.string() }),
    async run({ word }, { signal }) {
      signals.push(signal);
      const gate = Promise.withResolvers<void>();
      waiting.set(word, gate);
      await gate.promise;
      return { word };
    },
  });
  const toolset = createToolset([echo], { log: silentLog });
  const input = new PassThrough();
  const output = new PassThrough({ highWaterMark: outputBytes });
  const serving = serveStdio({
    binders: {
      modern: async () => bindToolsetModern.bind(undefined, toolset),
      legacy: async () => bindToolsetLegacy.bind(undefined, toolset),
    },
    input,
    output,
    log: silentLog,
    maxLineBytes,
  });
  let text = "";
  const frames = () =>
    text
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Json | Json[]);
  return {
    input,
    output,
    serving,
    signals,
    frames,
    send: (...values: unknown[]) => input.write(values.map((value) => `${JSON.stringify(value)}\n`).join("")),
    release: (word: string) => waiting.get(word)?.resolve(),
    /** Reads until so many frames have come in all. */
    async read(count: number) {
      while (frames().length < count) {
        const chunk: unknown = output.read();
        if (chunk === null) await once(output, "readable");
        else text += String(chunk);
      }
      return frames();
    },
    async running(count: number) {
      while (signals.length < count) await new Promise<void>((resolve) => setImmediate(resolve));
    },
  };
}

const clientInfo = { name: "t", version: "1" };
const initialize = (protocolVersion: string) => ({
  jsonrpc: "2.0",
  id: "init",
  method: "initialize",
  params: { protocolVersion, capabilities: {}, clientInfo },
});
const call = (id: unknown, word: string) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name: "echo", arguments: { word } },
});
const ping = (id: unknown) => ({ jsonrpc: "2.0", id, method: "ping" });
const cancel = (requestId: unknown) => ({
  jsonrpc: "2.0",
  method: "notifications/cancelled",
  params: { requestId },
});
const never = new AbortController().signal;

async function openSession(protocolVersion: string, options = {}) {
  const connection = open(options);
  connection.send(initialize(protocolVersion));
  await connection.read(1);
  return connection;
}

describe("lines", () => {
  const read = (...pieces: string[]) => {
    const reader = new LineReader(5);
    const lines = [...pieces.flatMap((piece) => reader.push(Buffer.from(piece))), ...reader.finish()];
    return lines.map((line) => (line ? Buffer.from(line).toString() : line));
  };

  test.each([
    ["in one piece", ["a\nbb\n"], ["a", "bb"]],
    ["in many pieces", [..."a\nbb\n"], ["a", "bb"]],
    ["without an end", ["a\nbb"], ["a", "bb"]],
    ["that are empty", ["\n\na\n"], ["", "", "a"]],
    ["as long as they may be", ["12345\n"], ["12345"]],
    [
      "too long, once each, whatever follows",
      ["123456\na\n", "1234", "56", "78\nb\n"],
      [undefined, "a", undefined, "b"],
    ],
    ["too long and without an end", ["123456"], [undefined]],
  ])("are read %s", (_, pieces, lines) => {
    expect(read(...pieces)).toEqual(lines);
  });
});

describe("a batch on standard input", () => {
  test("of 2025-03-26 is answered as one, when its last request is", async () => {
    const { send, read, release, running } = await openSession("2025-03-26");
    send([call(1, "slow"), ping(2), { jsonrpc: "2.0", method: "notifications/initialized" }, { id: 3 }]);
    await running(1);
    send(ping("outside"));
    expect((await read(2))[1]).toMatchObject({ id: "outside" });
    release("slow");
    const [, , batch] = await read(3);
    expect(batch).toHaveLength(3);
    expect(batch).toEqual([
      expect.objectContaining({ id: 3, error: expect.objectContaining({ code: -32600 }) }),
      expect.objectContaining({ id: 2, result: {} }),
      expect.objectContaining({ id: 1, result: expect.anything() }),
    ]);
  });

  test("is answered without the request that was cancelled", async () => {
    const { send, read, running, signals } = await openSession("2025-03-26");
    send([call(1, "slow"), ping(2)]);
    await running(1);
    send(cancel(1));
    expect((await read(2))[1]).toEqual([expect.objectContaining({ id: 2 })]);
    expect(signals[0]?.aborted).toBe(true);
  });

  test("of notifications alone is not answered", async () => {
    const { send, read } = await openSession("2025-03-26");
    send([cancel(1), cancel(2)], ping("next"));
    expect((await read(2))[1]).toMatchObject({ id: "next" });
  });

  test.each([
    ["2025-03-26", "empty", [], "invalid_request"],
    ["2025-03-26", "too large", Array.from({ length: 101 }, (_, id) => ping(id)), "invalid_request"],
    ["2024-11-05", "of another revision", [ping(1)], "batch_not_supported"],
    ["2025-06-18", "of another revision", [ping(1)], "batch_not_supported"],
    ["2025-11-25", "of another revision", [ping(1)], "batch_not_supported"],
  ])("is refused in %s where it is %s", async (revision, _, batch, reason) => {
    const { send, read } = await openSession(revision);
    send(batch);
    expect((await read(2))[1]).toMatchObject({ error: { code: -32600, data: { reason } } });
  });
});

describe("a request on standard input", () => {
  test("with the id of one that runs is refused, and that one is answered", async () => {
    const { send, read, release, running, signals } = await openSession("2025-11-25");
    send(call(1, "first"));
    await running(1);
    send(call(1, "second"), call("1", "third"));
    const [, refused] = await read(2);
    expect(refused).toMatchObject({ error: { code: -32600, message: expect.stringContaining("The id") } });
    expect(refused).not.toHaveProperty("id");
    await running(2);
    release("first");
    release("third");
    const answers = (await read(4)).slice(2);
    expect(answers).toContainEqual(expect.objectContaining({ id: 1, result: expect.anything() }));
    expect(answers).toContainEqual(expect.objectContaining({ id: "1", result: expect.anything() }));
    expect(signals).toHaveLength(2);
    send(ping(1));
    expect((await read(5))[4]).toMatchObject({ id: 1 });
  });

  test.each([
    ["a null id", { jsonrpc: "2.0", id: null, method: "ping" }, undefined],
    ["a fraction as id", { jsonrpc: "2.0", id: 1.5, method: "ping" }, undefined],
    ["no version", { id: 9, method: "ping" }, 9],
    ["params that are a list", { jsonrpc: "2.0", id: "x", method: "ping", params: [] }, "x"],
    ["a method that is none", { jsonrpc: "2.0", id: 4, method: 4 }, 4],
    ["nothing at all", null, undefined],
  ])("is refused with %s", async (_, value, id) => {
    const { send, read } = await openSession("2025-11-25");
    send(value);
    const [, refused] = await read(2);
    expect(refused).toMatchObject({ error: { code: -32600, data: { reason: "invalid_request" } } });
    expect((refused as Json)["id"]).toBe(id);
  });

  test.each([
    ["a result without id", { jsonrpc: "2.0", result: {} }],
    ["an error without code", { jsonrpc: "2.0", id: 1, error: {} }],
    ["the answer to nothing", { jsonrpc: "2.0", id: 99, result: {} }],
  ])("is not what it takes for the server to answer %s", async (_, value) => {
    const { send, read } = await openSession("2025-11-25");
    send(value, ping("next"));
    expect((await read(2))[1]).toMatchObject({ id: "next" });
  });
});

describe("standard input", () => {
  test("is not read on while the host does not read", async () => {
    const { send, input, output, read } = await openSession("2025-11-25", { outputBytes: 100 });
    const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
    for (let id = 1; id <= 10; id++) send(ping(id));
    while (!output.writableNeedDrain) await turn();
    send(ping(11));
    for (let turns = 0; turns < 20; turns++) await turn();
    // What was not taken in stays with the host, and nothing is lost.
    expect(input.readableLength).toBeGreaterThan(0);
    expect(await read(12)).toHaveLength(12);
  });

  test("ends the connection, and running calls are cut when it is forced", async () => {
    const { send, serving, input, running, signals } = await openSession("2025-11-25");
    send(call(1, "endless"));
    await running(1);
    input.end();
    await serving.ended;
    expect(signals[0]?.aborted).toBe(false);
    const force = new AbortController();
    const stopped = serving.stop(force.signal);
    force.abort();
    await stopped;
    expect(signals[0]?.aborted).toBe(true);
  });

  test("that fails ends the connection", async () => {
    const { serving, input } = await openSession("2025-11-25");
    input.destroy(new Error("gone"));
    await serving.ended;
    await serving.stop(never);
  });

  test("is given up when the output fails, and so are the calls", async () => {
    const { send, serving, output, running, signals } = await openSession("2025-11-25");
    send(call(1, "endless"));
    await running(1);
    output.destroy(new Error("EPIPE"));
    await serving.ended;
    await serving.stop(never);
    expect(signals[0]?.aborted).toBe(true);
  });
});
