import { describe, expect, test } from "bun:test";
import { AppError } from "../../lib/base/errors.ts";
import { bearerCheck, listedTokens } from "../transport-client/tokens.ts";
import { type Eras, startEraServer } from "./era-server.ts";
import { startRawHost, startSdkHost } from "./start-bridge.ts";

const eras: readonly Eras[] = ["legacy", "modern"];

describe.each(eras)("with a %s server", (era) => {
  test("a token that is refused in the middle is renewed once for all calls", async () => {
    const good = new Set(["one"]);
    await using server = startEraServer({ eras: era, intercept: bearerCheck(good) });
    const { tokens, renewals } = listedTokens("one", "two");
    await using host = await startSdkHost("v2 auto", { url: server.url, tokens });
    expect(await host.call("count")).toBe("counted to 3");
    good.clear();
    good.add("two");
    expect(await host.call("count")).toBe("counted to 3");
    expect(renewals()).toContain("one");
    expect(await Promise.all([host.call("count"), host.call("ask")])).toEqual([
      "counted to 3",
      "Hello, Ada!",
    ]);
  });

  test("a sign-in that is over is an error of the call, and a new sign-in heals it", async () => {
    await using server = startEraServer({ eras: era });
    let isSignedIn = true;
    const tokens = {
      async getToken() {
        if (isSignedIn) return { value: "t", expiresAtSeconds: 4_000_000_000 };
        throw new AppError("sign_in_required", "You are not signed in.", { hint: "Run mcp-client login." });
      },
    };
    await using host = await startSdkHost("v2 auto", { url: server.url, tokens });
    isSignedIn = false;
    await expect(host.call("count")).rejects.toThrow("You are not signed in. Run mcp-client login.");
    isSignedIn = true;
    expect(await host.call("count")).toBe("counted to 3");
    expect(host.logged.join("\n")).toContain("You are not signed in.");
  });

  test("a call whose stream breaks ends at once, and is not sent twice", async () => {
    let isCut = false;
    await using server = startEraServer({
      eras: era,
      intercept: (_, body) => {
        if (!isCut || !body.includes('"tools/call"')) return undefined;
        const stream = new ReadableStream<Uint8Array>({
          start(controller) {
            controller.enqueue(new TextEncoder().encode(":\n\n"));
            controller.close();
          },
        });
        return new Response(stream, { headers: { "content-type": "text/event-stream" } });
      },
    });
    await using host = await startSdkHost("v2 auto", { url: server.url });
    isCut = true;
    await expect(host.call("count")).rejects.toThrow(/was cut off, and it may have run/);
    expect(server.count("tools/call")).toBe(1);
    isCut = false;
    expect(await host.call("count")).toBe("counted to 3");
  });
});

describe("a session that the server forgot", () => {
  test("is opened anew with the host's handshake, and calls that lost it together share it", async () => {
    await using server = startEraServer({ eras: "legacy" });
    await using host = startRawHost({ url: server.url });
    await host.initialize({ elicitation: {} });
    await host.ask("resources/subscribe", { uri: "mem://a" });
    await host.ask("logging/setLevel", { level: "debug" });
    server.forget();
    const answers = await Promise.all([1, 2, 3].map(() => host.ask("tools/call", { name: "count" })));
    expect(answers.map(({ result }) => result?.["isError"] ?? "done")).toEqual(["done", "done", "done"]);
    expect(server.count("initialize")).toBe(2);
    expect(server.events.filter((event) => event === "subscribed mem://a")).toHaveLength(2);
    expect(server.events.filter((event) => event === "level debug")).toHaveLength(2);
    expect(host.frames.some(({ method }) => method === "notifications/tools/list_changed")).toBe(true);
  });

  test("is not opened a third time for a call that hears of it late", async () => {
    const late = Promise.withResolvers<void>();
    let isLost = false;
    await using server = startEraServer({
      eras: "legacy",
      async intercept(_, body) {
        if (!isLost || !body.includes('"late"')) return undefined;
        isLost = false;
        await late.promise;
        return new Response("gone", { status: 404 });
      },
    });
    await using host = startRawHost({ url: server.url });
    await host.initialize();
    isLost = true;
    const call = host.ask("tools/call", { name: "count", arguments: { late: "late" } });
    while (server.count("tools/call") === 0) await Bun.sleep(0);
    server.forget();
    expect((await host.ask("tools/list")).result).toBeDefined();
    late.resolve();
    expect((await call).result).toBeDefined();
    expect(server.count("initialize")).toBe(2);
  });

  test("is opened anew for a host of the newer revision, too", async () => {
    await using server = startEraServer({ eras: "legacy" });
    await using host = await startSdkHost("v2 2026-07-28", { url: server.url });
    server.forget();
    expect(await host.call("ask")).toBe("Hello, Ada!");
    expect(server.count("initialize")).toBe(2);
  });

  test("that is lost again at once is an error, and not a loop", async () => {
    await using server = startEraServer({
      eras: "legacy",
      intercept: (_, body) =>
        body.includes('"tools/call"') ? new Response("gone", { status: 404 }) : undefined,
    });
    await using host = startRawHost({ url: server.url });
    await host.initialize();
    const answer = await host.ask("tools/call", { name: "count" });
    expect(answer.error).toMatchObject({ data: { code: "connection_lost" } });
    expect(server.count("initialize")).toBe(2);
  });
});

describe("subscriptions", () => {
  test("of a host outlive the end of the server's stream", async () => {
    let listens = 0;
    await using server = startEraServer({
      eras: "modern",
      intercept: (_, body) => {
        if (!body.includes('"subscriptions/listen"') || ++listens > 1) return undefined;
        const { id } = JSON.parse(body) as { id: number };
        const meta = { "io.modelcontextprotocol/subscriptionId": id };
        const acknowledged = {
          jsonrpc: "2.0",
          method: "notifications/subscriptions/acknowledged",
          params: { notifications: { toolsListChanged: true }, _meta: meta },
        };
        const ended = { jsonrpc: "2.0", id, result: { resultType: "complete", _meta: meta } };
        const text = [acknowledged, ended].map((message) => `data: ${JSON.stringify(message)}\n\n`).join("");
        return new Response(text, { headers: { "content-type": "text/event-stream" } });
      },
    });
    await using host = startRawHost({ url: server.url });
    await host.initialize();
    const isChange = ({ method }: { method?: string }) => method === "notifications/tools/list_changed";
    // What was missed in between counts as changed.
    await host.waitFor(isChange);
    await server.addTool("another");
    await host.waitFor((frame) => isChange(frame) && host.frames.filter(isChange).length > 1);
  });
});
