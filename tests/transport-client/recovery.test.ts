import { describe, expect, test } from "bun:test";
import type { ProgressUpdate } from "../../lib/base/events.ts";
import { connect } from "../../lib/transport/client/connect.ts";
import { startCuttingProxy } from "./cutting-proxy.ts";
import { pausing } from "./pausing-tool.ts";
import { echo, startSdkServer } from "./sdk-server.ts";
import { failureOf, gate } from "./settled.ts";

describe("a session that the server forgot", () => {
  test("is replaced once, and the call runs once", async () => {
    await using server = startSdkServer({ tools: [echo], eras: "legacy" });
    const connection = await connect({ url: server.url });
    server.sessions.clear();
    expect((await connection.callTool("echo", { a: 1 })).isError).toBe(false);
    expect([server.count("initialize"), server.count("tools/call")]).toEqual([2, 2]);
    await connection.close();
    expect(server.sessions.size).toBe(0);
  });

  test.each([
    [
      "as the SDK's examples do",
      '{"jsonrpc":"2.0","error":{"code":-32000,"message":"No valid session"},"id":null}',
    ],
    ["without JSON", "Bad Request: No valid session ID provided"],
  ])("is replaced also where the server answers 400 to it, %s", async (_, text) => {
    let lost = "";
    const intercept = (request: Request) =>
      request.headers.get("mcp-session-id") === lost ? new Response(text, { status: 400 }) : undefined;
    await using server = startSdkServer({ tools: [echo], eras: "legacy", intercept });
    const connection = await connect({ url: server.url });
    [lost = ""] = server.sessions.keys();
    expect((await connection.callTool("echo", { a: 1 })).isError).toBe(false);
    expect([server.count("initialize"), server.count("tools/call")]).toEqual([2, 2]);
    await connection.close();
  });

  test("is not what a 400 is about that comes again in a new one, or that answers the request", async () => {
    let text = "no thanks";
    const intercept = (_: Request, body: string) =>
      body.includes('"tools/call"') ? new Response(text, { status: 400 }) : undefined;
    await using server = startSdkServer({ tools: [echo], eras: "legacy", intercept });
    const connection = await connect({ url: server.url });
    const error = await failureOf(connection.callTool("echo", {}));
    expect([error.code, error.message, server.count("tools/call")]).toEqual([
      "not_mcp",
      expect.stringContaining("HTTP 400"),
      2,
    ]);
    text = '{"jsonrpc":"2.0","error":{"code":-32600,"message":"no thanks"},"id":1}';
    expect((await failureOf(connection.callTool("echo", {}))).code).toBe("protocol_error");
    expect(server.count("tools/call")).toBe(3);
    await connection.close();
  });

  test("is replaced once for all calls that lost it together", async () => {
    await using server = startSdkServer({ tools: [echo], eras: "legacy" });
    const connection = await connect({ url: server.url });
    server.sessions.clear();
    await Promise.all([1, 2, 3].map((n) => connection.callTool("echo", { n })));
    expect(server.count("initialize")).toBe(2);
    await connection.listTools();
    expect(server.count("initialize")).toBe(2);
    await connection.close();
  });

  test("is not replaced again for a call that hears of it late", async () => {
    const late = gate();
    let first = "";
    const intercept = async (request: Request, body: string) => {
      if (!body.includes('"late"') || request.headers.get("mcp-session-id") !== first) return undefined;
      await late.opened;
      return new Response(null, { status: 404 });
    };
    await using server = startSdkServer({ tools: [echo], eras: "legacy", intercept });
    const connection = await connect({ url: server.url });
    first = [...server.sessions.keys()][0] ?? "";
    server.sessions.clear();
    const second = connection.callTool("echo", { word: "late" });
    await connection.callTool("echo", {});
    late.open();
    expect((await second).isError).toBe(false);
    expect(server.count("initialize")).toBe(2);
    await connection.close();
  });

  test("is not replaced for ever", async () => {
    const intercept = (_: Request, body: string) =>
      body.includes('"tools/call"') ? new Response(null, { status: 404 }) : undefined;
    await using server = startSdkServer({ tools: [echo], eras: "legacy", intercept });
    const connection = await connect({ url: server.url });
    const error = await failureOf(connection.callTool("echo", {}));
    expect([error.code, server.count("tools/call")]).toEqual(["connection_lost", 2]);
    await connection.close();
  });

  test("does not hold up the end while its replacement hangs", async () => {
    const asked = gate();
    let handshakes = 0;
    const intercept = (_: Request, body: string) => {
      if (!body.includes('"initialize"') || ++handshakes === 1) return undefined;
      asked.open();
      return new Promise<Response>(() => {});
    };
    await using server = startSdkServer({ tools: [echo], eras: "legacy", intercept });
    const connection = await connect({ url: server.url, protocol: "legacy" });
    server.sessions.clear();
    const failed = failureOf(connection.callTool("echo", {}));
    await asked.opened;
    await connection.close();
    expect((await failed).code).toBe("interrupted");
  });

  test("leaves a call alone that is still at work in it", async () => {
    const { tool, started, goOn } = pausing();
    await using server = startSdkServer({ tools: [tool, echo], eras: "legacy" });
    const connection = await connect({ url: server.url });
    const running = connection.callTool("pausing", {}, { onProgress() {} });
    await started;
    server.sessions.clear();
    await connection.callTool("echo", {});
    goOn();
    expect((await running).content).toEqual([{ type: "text", text: "finished" }]);
    await connection.close();
  });
});

describe("a stream that breaks", () => {
  test.each(["auto", "legacy"] as const)(
    "ends the call at once where it cannot be resumed (%s)",
    async (protocol) => {
      const { tool, started, runs } = pausing();
      await using server = startSdkServer({ tools: [tool] });
      await using proxy = await startCuttingProxy(server.url);
      const connection = await connect({ url: proxy.url, protocol });
      const failed = failureOf(connection.callTool("pausing", {}, { onProgress() {} }));
      await started;
      proxy.cutAll();
      const error = await failed;
      expect([error.code, error.exitCode]).toEqual(["connection_lost", 4]);
      expect(error.message).toBe('The call of "pausing" was cut off, and it may have run.');
      expect(runs()).toBe(1);
      await connection.close();
    },
  );

  test("is taken up again where its events have ids, with all progress", async () => {
    const { tool, goOn, runs } = pausing();
    await using server = startSdkServer({ tools: [tool], eras: "legacy", keepsEvents: true });
    await using proxy = await startCuttingProxy(server.url);
    const connection = await connect({ url: proxy.url });
    const progress: number[] = [];
    const seen = gate();
    const onProgress = (update: ProgressUpdate) => {
      progress.push(update.progress);
      seen.open();
    };
    const call = connection.callTool("pausing", {}, { onProgress });
    await seen.opened;
    proxy.cutAll();
    goOn();
    expect((await call).content).toEqual([{ type: "text", text: "finished" }]);
    expect([progress, runs()]).toEqual([[1, 2], 1]);
    await connection.close();
  });

  test.each([404, 400, 405])(
    "is given up at once when the server answers %d to its resumption",
    async (status) => {
      const { tool } = pausing();
      const seen = gate();
      let attempts = 0;
      const intercept = (request: Request) => {
        if (!request.headers.has("last-event-id")) return undefined;
        attempts++;
        return new Response(null, { status });
      };
      await using server = startSdkServer({ tools: [tool], eras: "legacy", keepsEvents: true, intercept });
      await using proxy = await startCuttingProxy(server.url);
      const connection = await connect({ url: proxy.url });
      const failed = failureOf(connection.callTool("pausing", {}, { onProgress: seen.open }));
      await seen.opened;
      proxy.cutAll();
      expect([(await failed).code, attempts]).toEqual(["connection_lost", 1]);
      await connection.close();
    },
  );

  test("is given up after some attempts when the server keeps failing", async () => {
    const { tool } = pausing();
    const seen = gate();
    let attempts = 0;
    const intercept = (request: Request) => {
      if (!request.headers.has("last-event-id")) return undefined;
      attempts++;
      return new Response(null, { status: 503 });
    };
    await using server = startSdkServer({ tools: [tool], eras: "legacy", keepsEvents: true, intercept });
    await using proxy = await startCuttingProxy(server.url);
    const connection = await connect({ url: proxy.url });
    const failed = failureOf(connection.callTool("pausing", {}, { onProgress: seen.open }));
    await seen.opened;
    proxy.cutAll();
    expect((await failed).code).toBe("connection_lost");
    expect(attempts).toBe(4);
    await connection.close();
  });

  test.each(["server/discover", "initialize", "tools/list"])(
    "while %s is answered does not wait",
    async (method) => {
      const broken = () =>
        new Response(':\n\ndata: {"jsonrpc":"2.0",\n', { headers: { "content-type": "text/event-stream" } });
      const intercept = (_: Request, body: string) => (body.includes(`"${method}"`) ? broken() : undefined);
      const eras = method === "initialize" ? "legacy" : "both";
      await using server = startSdkServer({ tools: [echo], eras, intercept });
      const listing = async () => {
        const connection = await connect({ url: server.url });
        await connection.listTools().finally(() => connection.close());
      };
      expect((await failureOf(listing())).code).toBe("connection_lost");
    },
  );

  test("in the middle of a JSON answer ends the call", async () => {
    const intercept = (_: Request, body: string) => {
      if (!body.includes('"tools/call"')) return undefined;
      const half = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('{"jsonrpc":"2.0",'));
        },
        pull: (controller) => controller.error(new Error("gone")),
      });
      return new Response(half, { headers: { "content-type": "application/json" } });
    };
    await using server = startSdkServer({ tools: [echo], intercept });
    const connection = await connect({ url: server.url });
    expect((await failureOf(connection.callTool("echo", {}))).code).toBe("connection_lost");
    await connection.close();
  });
});

describe("a connection that is closed unanswered", () => {
  test.each([
    ["server/discover", "auto"],
    ["initialize", "legacy"],
    ["tools/list", "auto"],
  ] as const)("costs %s one more attempt", async (method, protocol) => {
    await using server = startSdkServer({ tools: [echo] });
    await using proxy = await startCuttingProxy(server.url);
    proxy.cutOn(`"${method}"`, 1);
    const connection = await connect({ url: proxy.url, protocol });
    expect(await connection.listTools()).toHaveLength(1);
    await connection.close();
  });

  test("twice is reported", async () => {
    await using server = startSdkServer({ tools: [echo] });
    await using proxy = await startCuttingProxy(server.url);
    proxy.cutOn("POST", 2);
    const error = await failureOf(connect({ url: proxy.url }));
    expect([error.code, error.exitCode]).toEqual(["unreachable", 4]);
  });

  test.each(["auto", "legacy"] as const)(
    "is never followed by the same call again (%s)",
    async (protocol) => {
      await using server = startSdkServer({ tools: [echo] });
      await using proxy = await startCuttingProxy(server.url);
      const connection = await connect({ url: proxy.url, protocol });
      proxy.cutOn('"tools/call"', 1);
      const error = await failureOf(connection.callTool("echo", {}));
      expect([error.code, server.count("tools/call")]).toEqual(["connection_lost", 0]);
      expect(error.message).toContain("may have run");
      expect((await connection.callTool("echo", {})).isError).toBe(false);
      await connection.close();
    },
  );
});
