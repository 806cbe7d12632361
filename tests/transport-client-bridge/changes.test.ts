import { describe, expect, test } from "bun:test";
import { type Eras, startEraServer } from "./era-server.ts";
import { startRawHost } from "./start-bridge.ts";

const eras: readonly Eras[] = ["legacy", "modern"];
const subscriptionId = "io.modelcontextprotocol/subscriptionId";
const envelope = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "raw", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": { elicitation: {} },
};

describe.each(eras)("a host of the older revisions and a %s server", (era) => {
  test("hears that the list of tools changed", async () => {
    await using server = startEraServer({ eras: era });
    await using host = startRawHost({ url: server.url });
    await host.initialize();
    await server.waitFor("listening");
    await host.ask("ping");
    await server.addTool("another");
    const change = await host.waitFor(({ method }) => method === "notifications/tools/list_changed");
    expect(change.params?.["_meta"]).toBeUndefined();
  });

  test("hears of a resource from its subscription on, and no more after it", async () => {
    await using server = startEraServer({ eras: era });
    await using host = startRawHost({ url: server.url });
    await host.initialize();
    await server.waitFor("listening");
    expect(await host.ask("resources/subscribe", { uri: "mem://a" })).toMatchObject({ result: {} });
    await server.updateResource("mem://a");
    const update = await host.waitFor(({ method }) => method === "notifications/resources/updated");
    expect(update.params).toEqual({ uri: "mem://a" });
    expect(await host.ask("resources/unsubscribe", { uri: "mem://a" })).toMatchObject({ result: {} });
    if (era === "legacy") return expect(server.events).toContain("unsubscribed mem://a");
    await server.updateResource("mem://a");
    await host.ask("tools/list");
    expect(host.frames.filter(({ method }) => method === update.method)).toHaveLength(1);
  });

  test("gets log messages at the level that it set", async () => {
    await using server = startEraServer({ eras: era });
    await using host = startRawHost({ url: server.url });
    await host.initialize();
    await host.ask("tools/call", { name: "log" });
    const isLog = ({ method }: { method?: string }) => method === "notifications/message";
    // Without a level a modern server is silent; one of the older revisions decides for itself.
    if (era === "modern") expect(host.frames.filter(isLog)).toEqual([]);
    expect(await host.ask("logging/setLevel", { level: "debug" })).toMatchObject({ result: {} });
    await host.ask("tools/call", { name: "log" });
    expect((await host.waitFor(isLog)).params).toMatchObject({ data: "said something" });
  });
});

describe.each(eras)("a host of 2026-07-28 and a %s server", (era) => {
  test("listens under the id of its own request, until it ends it", async () => {
    await using server = startEraServer({ eras: era });
    await using host = startRawHost({ url: server.url });
    const notifications = { toolsListChanged: true, resourceSubscriptions: ["mem://a"] };
    host.send({ id: "listen-1", method: "subscriptions/listen", params: { _meta: envelope, notifications } });
    const acknowledged = "notifications/subscriptions/acknowledged";
    const answer = await host.waitFor(({ method }) => method === acknowledged);
    expect(answer.params).toEqual({ notifications, _meta: { [subscriptionId]: "listen-1" } });
    await server.waitFor("listening");
    await server.addTool("another");
    const change = await host.waitFor(({ method }) => method === "notifications/tools/list_changed");
    expect(change.params?.["_meta"]).toEqual({ [subscriptionId]: "listen-1" });
    await server.updateResource("mem://a");
    const update = await host.waitFor(({ method }) => method === "notifications/resources/updated");
    expect(update.params).toEqual({ uri: "mem://a", _meta: { [subscriptionId]: "listen-1" } });
    host.send({ method: "notifications/cancelled", params: { requestId: "listen-1" } });
    await host.ask("tools/list", { _meta: envelope });
    await server.addTool("a third");
    await host.ask("tools/list", { _meta: envelope });
    expect(host.frames.filter(({ method }) => method === change.method)).toHaveLength(1);
    expect(host.frames.some(({ id }) => id === "listen-1")).toBe(false);
  });

  test("gets log messages for the request that asked for them, and for no other", async () => {
    await using server = startEraServer({ eras: era });
    await using host = startRawHost({ url: server.url });
    const loud = { ...envelope, "io.modelcontextprotocol/logLevel": "info" };
    const isLog = ({ method }: { method?: string }) => method === "notifications/message";
    await host.ask("tools/call", { name: "log", _meta: loud });
    expect(host.frames.filter(isLog)).toHaveLength(1);
    await host.ask("tools/call", { name: "log", _meta: envelope });
    expect(host.frames.filter(isLog)).toHaveLength(1);
  });

  test("gets results that are complete, and say how long they may be kept", async () => {
    await using server = startEraServer({ eras: era });
    await using host = startRawHost({ url: server.url });
    const discovered = await host.ask("server/discover", { _meta: envelope });
    expect(discovered.result).toMatchObject({
      resultType: "complete",
      supportedVersions: ["2026-07-28"],
      capabilities: { tools: { listChanged: true } },
      instructions: "Be kind.",
      _meta: { "io.modelcontextprotocol/serverInfo": { name: "era" } },
    });
    const tools = await host.ask("tools/list", { _meta: envelope });
    expect(tools.result).toMatchObject({ resultType: "complete", ttlMs: 0, cacheScope: "private" });
    expect(server.count("server/discover")).toBe(1);
  });

  test("of another revision is told which one there is", async () => {
    await using server = startEraServer({ eras: era });
    await using host = startRawHost({ url: server.url });
    const future = { ...envelope, "io.modelcontextprotocol/protocolVersion": "2099-01-01" };
    const answer = await host.ask("tools/list", { _meta: future });
    expect(answer.error).toMatchObject({ code: -32_022, data: { supported: ["2026-07-28"] } });
  });
});

describe("a question of an older server to a newer host", () => {
  const ask = { name: "ask", _meta: { ...envelope, progressToken: 1 } };

  test("is a result that asks for input, and is asked again until it is answered", async () => {
    await using server = startEraServer({ eras: "legacy" });
    await using host = startRawHost({ url: server.url });
    const first = await host.ask("tools/call", ask);
    expect(first.result).toMatchObject({
      resultType: "input_required",
      inputRequests: { q1: { method: "elicitation/create", params: { message: "Who are you?" } } },
    });
    const { requestState } = first.result ?? {};
    const again = await host.ask("tools/call", { ...ask, requestState, inputResponses: {} });
    expect(again.result).toMatchObject({ resultType: "input_required", requestState });
    const inputResponses = { q1: { action: "accept", content: { name: "Grace" } } };
    const last = await host.ask("tools/call", { ...ask, requestState, inputResponses });
    expect(last.result).toMatchObject({ resultType: "complete", content: [{ text: "Hello, Grace!" }] });
    const late = await host.ask("tools/call", { ...ask, requestState, inputResponses });
    expect(late.error).toMatchObject({ code: -32_602 });
  });

  test("leaves the host's progress to the request that asked for it last", async () => {
    await using server = startEraServer({
      eras: "legacy",
      intercept(_, body) {
        if (!body.includes('"count"')) return undefined;
        const { id } = JSON.parse(body) as { id: number };
        const progress = (progressToken: unknown) => ({
          jsonrpc: "2.0",
          method: "notifications/progress",
          params: { progressToken, progress: 1 },
        });
        const messages = [progress("other"), progress(1), { jsonrpc: "2.0", id, result: { content: [] } }];
        const text = messages.map((message) => `data: ${JSON.stringify(message)}\n\n`).join("");
        return new Response(text, { headers: { "content-type": "text/event-stream" } });
      },
    });
    await using host = startRawHost({ url: server.url });
    await host.ask("tools/call", { ...ask, name: "count" });
    const seen = host.frames.filter(({ method }) => method === "notifications/progress");
    expect(seen.map(({ params }) => params?.["progressToken"])).toEqual([1]);
  });

  test("is refused for a host that cannot be asked", async () => {
    await using server = startEraServer({ eras: "legacy" });
    await using host = startRawHost({ url: server.url });
    const deaf = { ...envelope, "io.modelcontextprotocol/clientCapabilities": {} };
    const answer = await host.ask("tools/call", { name: "ask", _meta: deaf });
    expect(answer.error ?? answer.result).toMatchObject(
      answer.error ? { code: expect.any(Number) } : { isError: true },
    );
  });
});
