import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { defineTool } from "../../lib/tools/tool.ts";
import { messageOf, openRaw, type Revision, revisions, toolsList } from "./raw-request.ts";

const list = (revision: Revision, changes: Record<string, unknown> = {}) =>
  JSON.stringify({ ...messageOf(revision, toolsList), ...changes });

/** More than the 4 MiB that a body may have. */
const large = JSON.stringify("x".repeat(4 * 1024 * 1024));

describe.each([...revisions])("a body, %s", (revision) => {
  test.each([
    ["cut off", '{"jsonrpc":"2.0",'],
    ["empty", ""],
    ["no JSON", "hello"],
    ["two messages", `${list(revision)}\n${list(revision)}`],
    ["with a comment", `/**/${list(revision)}`],
  ])("malformed JSON, %s: 400 with -32700", async (_, body) => {
    await using raw = await openRaw(revision);
    const answer = await raw.send(toolsList, { body });
    expect([answer.status, answer.code, answer.reason]).toEqual([400, -32700, "invalid_json"]);
  });

  test.each([
    ["of one", `[${list(revision)}]`],
    ["of two", `[${list(revision)},${list(revision, { id: 2 })}]`],
    ["that is empty", "[]"],
  ])("batch %s: 400 with -32600", async (_, body) => {
    await using raw = await openRaw(revision);
    const answer = await raw.send(toolsList, { body });
    expect([answer.status, answer.code]).toEqual([400, -32600]);
  });

  test("body size above the cap: 413, and at once where its length says so", async () => {
    await using raw = await openRaw(revision);
    expect((await raw.send(toolsList, { body: large })).status).toBe(413);
    const declared = { body: "", headers: { "Content-Length": String(large.length) } };
    expect((await raw.send(toolsList, declared)).status).toBe(413);
  });

  test("body size above the cap in chunks without a length: 413", async () => {
    await using raw = await openRaw(revision);
    const body = `${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`;
    const headers = { "Content-Length": undefined, "Transfer-Encoding": "chunked" };
    expect((await raw.send(toolsList, { body, headers })).status).toBe(413);
  });

  test.each([
    ["null", null],
    ["an object", {}],
    ["a list", []],
    ["a fraction", 1.5],
    ["true", true],
  ])("id that is %s: 400 with -32600", async (_, id) => {
    await using raw = await openRaw(revision);
    const answer = await raw.send({ ...toolsList, id });
    expect([answer.status, answer.code]).toEqual([400, -32600]);
  });

  test.each([
    ["zero", 0],
    ["empty text", ""],
    ["a text of digits", "1"],
  ])("id that is %s is given back", async (_, id) => {
    await using raw = await openRaw(revision);
    const answer = await raw.send({ ...toolsList, id });
    expect(answer.status).toBe(200);
    expect(answer.body).toContain(`"id":${JSON.stringify(id)}`);
  });

  test.each([
    ["another version of JSON-RPC", { jsonrpc: "1.0" }],
    ["a method that is none", { method: 1 }],
    ["params that are a list", { params: [] }],
    ["a member too many", { extra: 1 }],
  ])("message with %s: 400 with -32600", async (_, changes) => {
    await using raw = await openRaw(revision);
    const answer = await raw.send(toolsList, { body: list(revision, changes) });
    expect([answer.status, answer.code]).toEqual([400, -32600]);
  });
});

/** A tool that runs until the test lets it go. */
function createWaiting() {
  const started = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  let runs = 0;
  const tool = defineTool({
    name: "waiting",
    title: "Waiting",
    description: "Waits for the test.",
    input: z.strictObject({}),
    output: z.strictObject({ run: z.int() }),
    async run() {
      const run = ++runs;
      started.resolve();
      if (run === 1) await finish.promise;
      return { run };
    },
  });
  return { tool, started: started.promise, finish: finish.resolve, runs: () => runs };
}

describe("a reused id", () => {
  const call = { id: 7, method: "tools/call", params: { name: "waiting", arguments: {} } };

  test.each([...revisions])("of a request that was answered is good again, %s", async (revision) => {
    const { tool, finish, runs } = createWaiting();
    finish();
    await using raw = await openRaw(revision, [tool]);
    expect((await raw.send(call)).body).toContain('"run":1');
    expect((await raw.send(call)).body).toContain('"run":2');
    expect(runs()).toBe(2);
  });

  test("while the first request is in flight: 400 with -32600, and the first is answered, 2025-11-25", async () => {
    const { tool, started, finish, runs } = createWaiting();
    await using raw = await openRaw("2025-11-25", [tool]);
    const first = raw.send(call);
    await started;
    const second = await raw.send(call);
    finish();
    expect([second.status, second.code]).toEqual([400, -32600]);
    expect((await first).body).toContain('"run":1');
    expect(runs()).toBe(1);
  });

  test("while the first request is in flight is no matter without sessions: each has its own answer, 2026-07-28", async () => {
    const { tool, started, finish } = createWaiting();
    await using raw = await openRaw("2026-07-28", [tool]);
    const first = raw.send(call);
    await started;
    expect((await raw.send(call)).body).toContain('"run":2');
    finish();
    expect((await first).body).toContain('"run":1');
  });
});
