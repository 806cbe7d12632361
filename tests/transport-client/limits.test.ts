import { describe, expect, test } from "bun:test";
import { connect } from "../../lib/transport/client/connect.ts";
import { pausing } from "./pausing-tool.ts";
import { echo, startSdkServer } from "./sdk-server.ts";
import { failureOf } from "./settled.ts";

describe.each(["auto", "legacy"] as const)("asked for %s", (protocol) => {
  test("a silent call ends after the idle time and is cancelled on the wire", async () => {
    const { tool, aborted } = pausing();
    await using server = startSdkServer({ tools: [tool] });
    const connection = await connect({ url: server.url, protocol, idleTimeoutMs: 1000 });
    const error = await failureOf(connection.callTool("pausing", {}));
    expect([error.code, error.exitCode]).toEqual(["timeout", 7]);
    await aborted;
    await connection.close();
  });

  test("a lively call ends after the total time", async () => {
    const chatty = {
      name: "chatty",
      async run(_: unknown, { report, signal }: { report(n: number): Promise<void>; signal: AbortSignal }) {
        for (let n = 1; !signal.aborted; n++) {
          await report(n);
          await Bun.sleep(20);
        }
        return { content: [] };
      },
    };
    await using server = startSdkServer({ tools: [chatty] });
    const connection = await connect({ url: server.url, protocol, idleTimeoutMs: 10_000, maxTimeMs: 300 });
    let updates = 0;
    const error = await failureOf(connection.callTool("chatty", {}, { onProgress: () => updates++ }));
    expect([error.code, error.message]).toEqual(["timeout", 'The call of "chatty" took longer than 0.3 s.']);
    expect(updates).toBeGreaterThan(1);
    await connection.close();
  });
});

test("bytes of a stream are a sign of life, also without progress", async () => {
  const beats = 8;
  const intercept = (_: Request, body: string) => {
    if (!body.includes('"tools/call"')) return undefined;
    const { id } = JSON.parse(body) as { id: number };
    const result = { resultType: "complete", content: [] };
    const stream = new ReadableStream({
      async start(controller) {
        const write = (text: string) => controller.enqueue(new TextEncoder().encode(text));
        for (let beat = 0; beat < beats; beat++) {
          write(": still here\n\n");
          await Bun.sleep(100);
        }
        write(`data: ${JSON.stringify({ jsonrpc: "2.0", id, result })}\n\n`);
        controller.close();
      },
    });
    return new Response(stream, { headers: { "content-type": "text/event-stream" } });
  };
  await using server = startSdkServer({ tools: [echo], intercept });
  const connection = await connect({ url: server.url, idleTimeoutMs: 600 });
  expect((await connection.callTool("echo", {})).isError).toBe(false);
  await connection.close();
});

test("a server that does not answer at all is given up while connecting", async () => {
  await using server = startSdkServer({ tools: [], intercept: () => new Promise<Response>(() => {}) });
  expect((await failureOf(connect({ url: server.url, idleTimeoutMs: 100 }))).code).toBe("timeout");
});
