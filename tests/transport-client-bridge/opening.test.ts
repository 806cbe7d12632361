import { describe, expect, test } from "bun:test";
import { type Eras, startEraServer } from "./era-server.ts";
import { startRawHost } from "./start-bridge.ts";

const envelope = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "raw", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": { elicitation: {} },
};
const future = { ...envelope, "io.modelcontextprotocol/protocolVersion": "2099-01-01" };

function rpc(body: string, answer: object, status = 200): Response {
  const { id } = JSON.parse(body) as { id: number };
  return Response.json({ jsonrpc: "2.0", id, ...answer }, { status });
}

describe("which family the server speaks", () => {
  test("is asked once, also when a host begins with several requests", async () => {
    await using server = startEraServer({ eras: "modern" });
    await using host = startRawHost({ url: server.url });
    const lists = [1, 2, 3].map(() => host.ask("tools/list", { _meta: envelope }));
    for (const { result } of await Promise.all(lists))
      expect(result).toMatchObject({ resultType: "complete" });
    expect(server.count("server/discover")).toBe(1);
    expect(server.count("initialize")).toBe(0);
  });

  test("is not guessed from a revision that it does not know", async () => {
    await using server = startEraServer({ eras: "both" });
    await using host = startRawHost({ url: server.url });
    expect((await host.ask("tools/list", { _meta: future })).error?.code).toBe(-32_022);
    expect(server.count("initialize")).toBe(0);
    expect((await host.ask("tools/list", { _meta: envelope })).result).toBeDefined();
  });

  test.each([
    ["401", 401, "sign_in_required"],
    ["403", 403, "access_denied"],
    ["429", 429, "rate_limited"],
    ["503", 503, "server_failed"],
  ])("is not decided by %s", async (_, status, code) => {
    await using server = startEraServer({ eras: "both", intercept: () => new Response("no", { status }) });
    await using host = startRawHost({ url: server.url });
    expect((await host.initialize()).error?.data).toMatchObject({ code });
    expect((await host.ask("tools/list", { _meta: envelope })).error?.data).toMatchObject({ code });
    expect([server.count("initialize"), server.count("server/discover")]).toEqual([1, 1]);
  });

  test("is asked again after a failure, by the host's next attempt", async () => {
    let isDown = true;
    await using server = startEraServer({
      eras: "both",
      intercept: () => (isDown ? new Response("down", { status: 503 }) : undefined),
    });
    await using host = startRawHost({ url: server.url });
    expect((await host.ask("server/discover", { _meta: envelope })).error).toBeDefined();
    isDown = false;
    expect((await host.initialize()).result).toMatchObject({ protocolVersion: "2025-11-25" });
    expect((await host.ask("tools/list")).result).toBeDefined();
  });

  test("an address without a server is an error in our words for either host", async () => {
    const intercept = () => new Response("<h1>hello</h1>", { headers: { "content-type": "text/html" } });
    await using server = startEraServer({ eras: "both", intercept });
    await using host = startRawHost({ url: server.url });
    expect((await host.initialize()).error?.data).toMatchObject({ code: "not_mcp" });
    const answer = await host.ask("tools/list", { _meta: envelope });
    expect(answer.error?.data).toMatchObject({ code: "not_mcp" });
  });

  test("a redirect within the origin is followed", async () => {
    await using server = startEraServer({
      eras: "both",
      intercept: (request) =>
        request.url.endsWith("/mcp")
          ? new Response(null, { status: 307, headers: { location: "/mcp/" } })
          : undefined,
    });
    await using host = startRawHost({ url: server.url });
    expect((await host.initialize()).result).toBeDefined();
    expect((await host.ask("tools/list")).result).toBeDefined();
  });
});

describe("the end of the handshake", () => {
  test("reaches the server before the requests that follow it", async () => {
    const held = Promise.withResolvers<void>();
    await using server = startEraServer({
      eras: "legacy",
      async intercept(_, body) {
        if (body.includes('"notifications/initialized"')) await held.promise;
        return undefined;
      },
    });
    await using host = startRawHost({ url: server.url });
    await host.initialize();
    const list = host.ask("tools/list");
    while (server.count("notifications/initialized") === 0) await Bun.sleep(0);
    for (let turn = 0; turn < 50; turn++) await Bun.sleep(0);
    expect(server.count("tools/list")).toBe(0);
    held.resolve();
    expect((await list).result).toBeDefined();
  });
});

describe("what goes through", () => {
  const eras: readonly Eras[] = ["legacy", "modern"];

  test.each(eras)("an error of a %s server keeps its code, whatever status it came with", async (era) => {
    await using server = startEraServer({ eras: era });
    await using old = startRawHost({ url: server.url });
    await old.initialize();
    expect((await old.ask("no/such-method")).error?.code).toBe(-32_601);
    await using recent = startRawHost({ url: server.url });
    expect((await recent.ask("no/such-method", { _meta: envelope })).error?.code).toBe(-32_601);
  });

  test("a session that the server's own stream reports as lost is opened anew at once", async () => {
    let isFirst = true;
    await using server = startEraServer({
      eras: "legacy",
      intercept(request) {
        if (request.method !== "GET" || !isFirst) return undefined;
        isFirst = false;
        return new Response("gone", { status: 404 });
      },
    });
    await using host = startRawHost({ url: server.url });
    await host.initialize();
    await host.waitFor(({ method }) => method === "notifications/tools/list_changed");
    expect(server.count("initialize")).toBe(2);
  });

  test("a host that listens to one thing is not told of another", async () => {
    await using server = startEraServer({ eras: "legacy" });
    await using host = startRawHost({ url: server.url });
    const notifications = { resourceSubscriptions: ["mem://a"] };
    host.send({ id: "l", method: "subscriptions/listen", params: { _meta: envelope, notifications } });
    await host.waitFor(({ method }) => method === "notifications/subscriptions/acknowledged");
    await server.waitFor("listening");
    await server.addTool("another");
    await server.updateResource("mem://b");
    await server.updateResource("mem://a");
    await host.waitFor(({ method }) => method === "notifications/resources/updated");
    const told = host.frames.filter(({ method }) => method?.startsWith("notifications/"));
    expect(told.map(({ params }) => params?.["uri"])).toEqual([undefined, "mem://a"]);
  });
});

describe("a newer server that asks an older host", () => {
  const question = { method: "elicitation/create", params: { message: "?", requestedSchema: {} } };

  test("gets its state back to the letter, with the answer", async () => {
    const requestState = '{"a": 1}  ü';
    const bodies: string[] = [];
    await using server = startEraServer({
      eras: "modern",
      intercept(_, body) {
        if (!body.includes('"tools/call"')) return undefined;
        bodies.push(body);
        const ask = { resultType: "input_required", inputRequests: { q: question }, requestState };
        return rpc(body, { result: bodies.length === 1 ? ask : { resultType: "complete", content: [] } });
      },
    });
    await using host = startRawHost({ url: server.url });
    await host.initialize({ elicitation: {} });
    const call = host.ask("tools/call", { name: "x" });
    const asked = await host.waitFor(({ method }) => method === "elicitation/create");
    expect(asked.params).toEqual(question.params);
    host.send({ id: asked.id, result: { action: "decline" } });
    expect((await call).result).toEqual({ content: [] });
    const [first, second] = bodies.map((body) => JSON.parse(body));
    expect(second.params).toMatchObject({ requestState, inputResponses: { q: { action: "decline" } } });
    expect(second.id).not.toBe(first.id);
  });

  test.each([
    [
      "for something that is no question",
      { resultType: "input_required", inputRequests: { q: { method: "tools/list" } } },
    ],
    ["with a kind of result that there is not", { resultType: "task", taskId: "1" }],
  ])("%s fails, and the host is not asked", async (_, result) => {
    await using server = startEraServer({
      eras: "modern",
      intercept: (_request, body) => (body.includes('"tools/call"') ? rpc(body, { result }) : undefined),
    });
    await using host = startRawHost({ url: server.url });
    await host.initialize({ elicitation: {} });
    expect((await host.ask("tools/call", { name: "x" })).error?.code).toBe(-32_603);
    expect(host.frames.filter(({ method, id }) => method !== undefined && id !== undefined)).toEqual([]);
  });

  test("without end fails", async () => {
    const result = { resultType: "input_required", requestState: "again" };
    await using server = startEraServer({
      eras: "modern",
      intercept: (_, body) => (body.includes('"tools/call"') ? rpc(body, { result }) : undefined),
    });
    await using host = startRawHost({ url: server.url });
    await host.initialize();
    expect((await host.ask("tools/call", { name: "x" })).error?.message).toContain("without end");
    expect(server.count("tools/call")).toBe(11);
  });
});
