import { describe, expect, test } from "bun:test";
import { AppError } from "../../lib/base/errors.ts";
import { PassThrough } from "node:stream";
import { HostChannel } from "../../lib/transport/client/bridge/host-channel.ts";
import { refuseHost } from "../../lib/transport/client/bridge/run-bridge.ts";
import { startEraServer } from "./era-server.ts";
import { startBridge, startRawHost } from "./start-bridge.ts";

const stream = { headers: { "content-type": "text/event-stream" } };

function idOf(body: string): unknown {
  return (JSON.parse(body) as { id: unknown }).id;
}

function data(...messages: readonly object[]): string {
  return messages.map((message) => `data: ${JSON.stringify({ jsonrpc: "2.0", ...message })}\n\n`).join("");
}

/** A server of the older revisions whose answer to `tools/call` is made up. */
function startLiar(answer: (id: unknown) => Response) {
  return startEraServer({
    eras: "legacy",
    intercept: (_, body) => (body.includes('"tools/call"') ? answer(idOf(body)) : undefined),
  });
}

describe("garbage from the host", () => {
  test.each([
    ["no JSON", "hello\n", -32_700],
    ["bytes that are no UTF-8", new Uint8Array([0xff, 0xfe, 0x0a]), -32_700],
    [
      "bytes that are no UTF-8 in JSON",
      Buffer.from('{"jsonrpc":"2.0","id":1,"method":"\xff"}\n', "latin1"),
      -32_700,
    ],
    ["a batch", '[{"jsonrpc":"2.0","id":1,"method":"ping"}]\n', -32_600],
    ["a number", "7\n", -32_600],
    ["an id that is null", '{"jsonrpc":"2.0","id":null,"method":"ping"}\n', -32_600],
    ["no version", '{"id":1,"method":"ping"}\n', -32_600],
    ["params that are a list", '{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}\n', -32_600],
  ])("%s is refused, and the next line is read", async (_, line, code) => {
    await using server = startEraServer({ eras: "both" });
    await using host = startRawHost({ url: server.url });
    host.write(line);
    expect((await host.waitFor(({ error }) => error !== undefined)).error?.code).toBe(code);
    expect((await host.initialize()).result).toMatchObject({ serverInfo: { name: "era" } });
  });

  test("answers to nothing, blank lines and unknown cancellations are passed over", async () => {
    await using server = startEraServer({ eras: "both" });
    await using host = startRawHost({ url: server.url });
    host.write('\n  \n{"jsonrpc":"2.0","id":99,"result":{}}\n{"result":1}\n');
    host.send({ method: "notifications/cancelled", params: { requestId: 5 } });
    await host.initialize();
    expect(host.frames).toHaveLength(1);
  });

  test("a request before the handshake is refused, ping is answered", async () => {
    await using server = startEraServer({ eras: "both" });
    await using host = startRawHost({ url: server.url });
    expect((await host.ask("tools/list")).error?.code).toBe(-32_600);
    expect((await host.ask("ping")).result).toEqual({});
    expect(server.seen).toHaveLength(0);
  });

  test("an id that is in use is refused without that id", async () => {
    await using server = startEraServer({ eras: "both" });
    await using host = startRawHost({ url: server.url });
    await host.initialize();
    host.send({ id: 7, method: "tools/call", params: { name: "wait" } });
    await server.waitFor("waiting");
    host.send({ id: 7, method: "tools/list" });
    const refusal = await host.waitFor(({ error }) => error !== undefined);
    expect(refusal.id).toBeUndefined();
    expect(refusal.error?.message).toContain("not answered yet");
  });

  test("a line longer than 64 MiB is refused and forgotten", async () => {
    await using server = startEraServer({ eras: "both" });
    await using host = startRawHost({ url: server.url });
    const megabyte = Buffer.alloc(1024 * 1024, "x");
    for (let count = 0; count < 66; count++) host.write(megabyte);
    host.write("\n");
    const refusal = await host.waitFor(({ error }) => error !== undefined);
    expect(refusal.error?.data).toMatchObject({ code: "body_too_large" });
    expect((await host.initialize()).result).toBeDefined();
  });

  test("arguments of some megabytes go through and come back", async () => {
    await using server = startLiar(
      (id) => new Response(data({ id, result: { content: [], long: "é".repeat(3_000_000) } }), stream),
    );
    await using host = startRawHost({ url: server.url });
    await host.initialize();
    const answer = await host.ask("tools/call", {
      name: "count",
      arguments: { text: "x".repeat(1_000_000) },
    });
    expect(String(answer.result?.["long"])).toHaveLength(3_000_000);
  });
});

describe("lies of the server", () => {
  test("a result that is nested without end is an error, and the bridge lives", async () => {
    const deep = `${'{"a":'.repeat(1_000_000)}1${"}".repeat(1_000_000)}`;
    const headers = { "content-type": "application/json" };
    await using server = startLiar(
      (id) =>
        new Response(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"a":${deep}}}`, { headers }),
    );
    await using host = startRawHost({ url: server.url });
    await host.initialize();
    const answer = await host.ask("tools/call", { name: "count" });
    expect(answer.error).toEqual({ code: -32_603, message: "The server's answer is nested too deeply." });
    expect((await host.ask("tools/list")).result).toBeDefined();
  });

  test("a revision that cannot stand in a header does not keep the host from asking on", async () => {
    const result = { protocolVersion: "x\ny", capabilities: {}, serverInfo: { name: "x", version: "1" } };
    const intercept = (_: Request, body: string) =>
      body.includes('"id"')
        ? Response.json({ jsonrpc: "2.0", id: idOf(body), result })
        : new Response(null, { status: 202 });
    await using server = startEraServer({ eras: "legacy", intercept });
    await using host = startRawHost({ url: server.url });
    await host.initialize();
    expect((await host.ask("tools/list")).result).toMatchObject({ protocolVersion: "x\ny" });
  });

  test("a server that asks and does not listen gets 100 answers at a time, and holds no bridge that ends", async () => {
    const questions = Array.from({ length: 1000 }, (_, id) => ({ id, method: "roots/list" }));
    const answers: Request[] = [];
    const never = new Promise<Response>(() => {});
    const intercept = (request: Request, body: string) => {
      if (body.includes('"tools/call"')) {
        return new Response(data(...questions, { id: idOf(body), result: { content: [] } }), stream);
      }
      return request.method === "POST" && !body.includes('"method"')
        ? (answers.push(request), never)
        : undefined;
    };
    await using server = startEraServer({ eras: "legacy", intercept });
    const host = startRawHost({ url: server.url });
    await host.initialize({ roots: {} });
    await host.ask("tools/call", { name: "count" });
    await host.ask("tools/list");
    expect(answers.length).toBeLessThanOrEqual(100);
    const gone = answers.map(
      ({ signal }) => new Promise((resolve) => signal.addEventListener("abort", resolve)),
    );
    host.input.end();
    await host.ended;
    await Promise.all(gone);
  });

  test("control characters and line ends stay inside of one line", async () => {
    const nasty = "a\nb\r\u001b[2J\u009b31m\u2028\u202ec\u0000";
    await using server = startLiar((id) =>
      Response.json({ jsonrpc: "2.0", id, result: { content: [], nasty } }),
    );
    await using host = startRawHost({ url: server.url });
    await host.initialize();
    const answer = await host.ask("tools/call", { name: "count" });
    expect(answer.result?.["nasty"]).toBe(nasty);
    expect(host.lines.join("")).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u202e]/);
  });

  test("an answer under another id reaches nobody", async () => {
    await using server = startLiar((id) => {
      const stolen = { id: Number(id) + 1, result: { content: [], is: "wrong" } };
      return new Response(
        data(stolen, { id: "h1", result: {} }, { id, result: { content: [], is: "right" } }),
        stream,
      );
    });
    await using host = startRawHost({ url: server.url });
    await host.initialize();
    expect((await host.ask("tools/call", { name: "count" })).result).toMatchObject({ is: "right" });
    expect(host.frames).toHaveLength(2);
  });

  test("only an answer under another id is an error of the call", async () => {
    await using server = startLiar(() => Response.json({ jsonrpc: "2.0", id: 4711, result: {} }));
    await using host = startRawHost({ url: server.url });
    await host.initialize();
    expect((await host.ask("tools/call", { name: "count" })).error).toMatchObject({
      data: { code: "protocol_error" },
    });
  });

  test("progress that nobody asked for, or after the end, is dropped", async () => {
    const progress = (progressToken: unknown) => ({
      method: "notifications/progress",
      params: { progressToken, progress: 1 },
    });
    await using server = startLiar((id) => {
      const messages = [
        progress("other"),
        progress("mine"),
        { id, result: { content: [] } },
        progress("mine"),
      ];
      return new Response(data(...messages), stream);
    });
    await using host = startRawHost({ url: server.url });
    await host.initialize();
    await host.ask("tools/call", { name: "count", _meta: { progressToken: "mine" } });
    await host.ask("tools/list");
    const seen = host.frames.filter(({ method }) => method === "notifications/progress");
    expect(seen.map(({ params }) => params?.["progressToken"])).toEqual(["mine"]);
  });

  test.each([
    ["HTML", () => new Response("<p>no</p>", { headers: { "content-type": "text/html" } }), "not_mcp"],
    ["500", () => new Response("boom", { status: 500 }), "server_failed"],
    ["429", () => new Response("slow", { status: 429, headers: { "retry-after": "3" } }), "rate_limited"],
    ["403", () => new Response("no", { status: 403 }), "access_denied"],
    ["a redirect elsewhere", () => Response.redirect("http://127.0.0.1:1/mcp", 307), "not_mcp"],
    [
      "JSON cut off",
      () => new Response('{"jsonrpc":', { headers: { "content-type": "application/json" } }),
      "not_mcp",
    ],
  ])("%s is one error of the call in our words", async (_, answer, code) => {
    await using server = startLiar(answer);
    await using host = startRawHost({ url: server.url });
    await host.initialize();
    const { error } = await host.ask("tools/call", { name: "count" });
    expect(error?.data).toMatchObject({ code });
    expect(error?.message).not.toMatch(/<p>|boom/);
    expect((await host.ask("tools/list")).result).toBeDefined();
  });

  test("its own question twice under one id is asked once", async () => {
    const question = { id: 1, method: "elicitation/create", params: { message: "?" } };
    await using server = startLiar(
      (id) => new Response(data(question, question, { id, result: {} }), stream),
    );
    await using host = startRawHost({ url: server.url });
    await host.initialize({ elicitation: {} });
    await host.ask("tools/call", { name: "count" });
    expect(host.frames.filter(({ method }) => method === "elicitation/create")).toHaveLength(1);
  });

  test("a token is never sent over plain http beyond this machine", async () => {
    const tokens = { getToken: async () => ({ value: "t", expiresAtSeconds: 4_000_000_000 }) };
    const host = startRawHost({ url: "http://mcp.example.com/mcp", tokens });
    await expect(host.ended).rejects.toMatchObject({ code: "untrusted_destination" });
    const header = startRawHost({
      url: "http://mcp.example.com/mcp",
      headers: { others: {}, authorization: "Bearer x" },
    });
    await expect(header.ended).rejects.toMatchObject({ code: "untrusted_destination" });
  });

  test("configured headers go with every request and replace none of the protocol's", async () => {
    await using server = startEraServer({ eras: "both" });
    const headers = {
      others: { "x-api-key": "k", "content-type": "text/plain" },
      authorization: "Basic abc",
    };
    await using host = startRawHost({ url: server.url, headers });
    await host.initialize();
    expect((await host.ask("tools/list")).result).toBeDefined();
    expect(new Set(server.seen.map((request) => request.headers.get("x-api-key")))).toEqual(new Set(["k"]));
    expect(new Set(server.seen.map((request) => request.headers.get("authorization")))).toEqual(
      new Set(["Basic abc"]),
    );
  });
});

describe("a bridge that cannot work", () => {
  test("tells the host's handshake why, and ends", async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const error = new AppError("sign_in_required", "You are not signed in.", {
      hint: 'Run "mcp-client login".',
    });
    const refused = refuseHost({ input, output }, error);
    input.write('{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}\n');
    await refused;
    expect(JSON.parse(String(output.read()))).toEqual({
      jsonrpc: "2.0",
      id: 0,
      error: {
        code: -32_603,
        message: 'You are not signed in. Run "mcp-client login".',
        data: { code: "sign_in_required" },
      },
    });
  });

  test("ends at once with a host that says nothing and goes", async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    input.end();
    await refuseHost({ input, output }, new AppError("sign_in_required", "You are not signed in."));
    expect(output.read()).toBeNull();
  });
});

describe("a host that asks too much", () => {
  test("is refused when too many of its requests run", async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const host = new HostChannel({ input, output, maxLineBytes: 1000, maxRunning: 1 });
    const handlers = { request: () => new Promise<never>(() => {}), notification() {} };
    const ended = host.run(handlers, new AbortController().signal);
    input.write('{"jsonrpc":"2.0","id":1,"method":"a"}\n{"jsonrpc":"2.0","id":2,"method":"b"}\n');
    const [line] = (await output.iterator({ destroyOnReturn: false }).next()).value.toString().split("\n");
    expect(JSON.parse(line)).toMatchObject({ id: 2, error: { code: -32_603 } });
    input.end();
    await ended;
  });

  test("and does not read the answers is not read any more", async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const host = new HostChannel({ input, output, maxLineBytes: 1000 });
    let asked = 0;
    const handlers = {
      async request() {
        asked++;
        return { result: { filler: "x".repeat(10_000) } };
      },
      notification() {},
    };
    const ended = host.run(handlers, new AbortController().signal);
    const ping = (id: number) => `${JSON.stringify({ jsonrpc: "2.0", id, method: "ping" })}\n`;
    for (let id = 0; id < 500; id++) {
      input.write(ping(id));
      await Bun.sleep(0);
    }
    expect(asked).toBeLessThan(100);
    output.resume();
    input.end();
    await ended;
    expect(asked).toBe(500);
  });
});

describe("a host that does not read", () => {
  test("slows the server down, so that memory stays bounded, and gets everything in the end", async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const total = 2000;
    let sent = 0;
    await using server = startLiar((id) => {
      const filler = "x".repeat(32_768);
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          const params = { progressToken: 1, progress: ++sent, message: filler };
          const last = { id, result: { content: [] } };
          const text = sent > total ? data(last) : data({ method: "notifications/progress", params });
          controller.enqueue(new TextEncoder().encode(text));
          if (sent > total) controller.close();
        },
      });
      return new Response(body, stream);
    });
    const bridge = startBridge({ url: server.url, input, output });
    const call = {
      jsonrpc: "2.0",
      id: 2,
      method: "tools/call",
      params: { name: "x", _meta: { progressToken: 1 } },
    };
    const clientInfo = { name: "raw", version: "1" };
    const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo };
    input.write(`${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params })}\n`);
    while (output.readableLength === 0) await Bun.sleep(0);
    input.write(`${JSON.stringify(call)}\n`);
    while (!output.writableNeedDrain) await Bun.sleep(0);
    for (let turn = 0; turn < 300; turn++) await Bun.sleep(0);
    expect(output.writableLength + output.readableLength).toBeLessThan(1_000_000);
    expect(sent).toBeLessThan(total);
    let lines = 0;
    for await (const chunk of output as AsyncIterable<Buffer>) {
      lines += chunk.toString("utf8").split("\n").length - 1;
      if (lines === total + 2) break;
    }
    input.end();
    await bridge.ended;
    expect(lines).toBe(total + 2);
  });
});
