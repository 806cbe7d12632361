import { describe, expect, test } from "bun:test";
import { InMemoryServerEventBus, type McpHttpHandler, Server } from "@modelcontextprotocol/server";
import type { Principal } from "../../lib/base/principal.ts";
import type { BindModern } from "../../lib/transport/server/binders.ts";
import { createSubscriptions } from "../../lib/transport/server/modern/subscriptions.ts";
import { createPrincipal, startServer } from "./start-server.ts";

const revision = "2026-07-28";
const subscriptionId = "io.modelcontextprotocol/subscriptionId";
const never = new AbortController().signal;

function start(principals?: readonly Principal[]) {
  const bus = new InMemoryServerEventBus();
  const capabilities = { tools: { listChanged: true }, prompts: { listChanged: true } };
  const modern = () => new Server({ name: "t", version: "1" }, { capabilities });
  return { bus, server: startServer([], principals, { modern, bus }) };
}

interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: { readonly _meta?: Readonly<Record<string, unknown>> };
  readonly result?: unknown;
}

/** Opens a stream and gives its messages one by one. */
async function subscribe(url: string, id: string, notifications: object, token = "alice") {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      authorization: `Bearer ${token}`,
      "mcp-protocol-version": revision,
      "mcp-method": "subscriptions/listen",
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id,
      method: "subscriptions/listen",
      params: {
        notifications,
        _meta: {
          "io.modelcontextprotocol/protocolVersion": revision,
          "io.modelcontextprotocol/clientCapabilities": {},
        },
      },
    }),
  });
  return readMessages(response);
}

async function* readMessages({ body }: Response): AsyncGenerator<Message> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of body ?? []) {
    text += decoder.decode(piece, { stream: true });
    const frames = text.split("\n\n");
    text = frames.pop() ?? "";
    for (const frame of frames) {
      const data = frame.split("\n").find((line) => line.startsWith("data: "));
      if (data) yield JSON.parse(data.slice(6)) as Message;
    }
  }
}

async function next(messages: AsyncGenerator<Message>): Promise<Message | undefined> {
  return (await messages.next()).value ?? undefined;
}

function endOf(id: string) {
  const result = expect.objectContaining({
    resultType: "complete",
    _meta: expect.objectContaining({ [subscriptionId]: id }),
  });
  return { jsonrpc: "2.0", id, result };
}

describe("a subscription", () => {
  test("is acknowledged first, and tells of what was asked for alone, each under its own id", async () => {
    const { bus, server } = start();
    await using _ = server;
    const tools = await subscribe(server.url, "a", { toolsListChanged: true });
    const prompts = await subscribe(server.url, "b", { promptsListChanged: true });
    for (const messages of [tools, prompts]) {
      expect((await next(messages))?.method).toBe("notifications/subscriptions/acknowledged");
    }
    bus.publish({ kind: "prompts_list_changed" });
    bus.publish({ kind: "tools_list_changed" });
    const told = [await next(tools), await next(prompts)];
    expect(told.map((message) => message?.method)).toEqual([
      "notifications/tools/list_changed",
      "notifications/prompts/list_changed",
    ]);
    expect(told.map((message) => message?.params?._meta?.[subscriptionId])).toEqual(["a", "b"]);
    await Promise.all([tools.return(undefined), prompts.return(undefined)]);
  });

  test("ends with its result when the server stops", async () => {
    const { server } = start();
    await using _ = server;
    const messages = await subscribe(server.url, "a", { toolsListChanged: true });
    await next(messages);
    const stopped = server.stop(never);
    expect(await next(messages)).toEqual(endOf("a"));
    expect(await next(messages)).toBeUndefined();
    await stopped;
  });

  test("ends with its result when the caller's token does, and others go on", async () => {
    const { bus, server } = start([
      createPrincipal("alice"),
      createPrincipal("late", { expiresAtSeconds: 1 }),
    ]);
    await using _ = server;
    const wanted = { toolsListChanged: true };
    const going = await subscribe(server.url, "a", wanted);
    await next(going);
    const ending = await subscribe(server.url, "b", wanted, "late");
    expect((await next(ending))?.method).toBe("notifications/subscriptions/acknowledged");
    expect(await next(ending)).toEqual(endOf("b"));
    expect(await next(ending)).toBeUndefined();
    bus.publish({ kind: "tools_list_changed" });
    expect((await next(going))?.method).toBe("notifications/tools/list_changed");
    await going.return(undefined);
  });

  test("is bound for its caller", async () => {
    const callers: unknown[] = [];
    const modern: BindModern = ({ principal }) => {
      callers.push(principal?.subject);
      return new Server({ name: "t", version: "1" }, { capabilities: {} });
    };
    await using server = startServer([], [createPrincipal("alice")], { modern });
    const messages = await subscribe(server.url, "a", { toolsListChanged: true });
    // Nothing of this kind can change here, so it ends at once.
    expect((await next(messages))?.method).toBe("notifications/subscriptions/acknowledged");
    expect(await next(messages)).toEqual(endOf("a"));
    expect(callers).toEqual(["alice"]);
  });

  test("leaves nothing behind when the client hangs up", async () => {
    const { bus, server } = start();
    await using _ = server;
    const messages = await subscribe(server.url, "a", { toolsListChanged: true });
    await next(messages);
    expect(bus.listenerCount).toBe(1);
    await messages.return(undefined);
    while (bus.listenerCount > 0) await fetch(`${server.origin}/healthz`);
    await server.stop(never);
  });
});

describe("subscriptions", () => {
  const request = new Request("http://localhost/mcp");
  const body = { jsonrpc: "2.0", id: 7, method: "subscriptions/listen" };

  /** Handlers of the SDK's shape whose streams stay open until they are closed. */
  function createHandlers(answer?: () => Response) {
    let closed = 0;
    const open = () => {
      let end = () => {};
      const stream = new ReadableStream({ start: (controller) => void (end = () => controller.close()) });
      const response = () => new Response(stream, { headers: { "content-type": "text/event-stream" } });
      const close = async () => {
        closed++;
        end();
      };
      return { fetch: async () => (answer ?? response)(), close } as unknown as McpHttpHandler;
    };
    return { open, closed: () => closed };
  }

  function createListening(answer?: () => Response, max?: number) {
    const handlers = createHandlers(answer);
    const subscriptions = createSubscriptions({ open: handlers.open, ...(max ? { max } : {}) });
    let ends = 0;
    const onEnd = () => void ends++;
    const listen = (endSignal = never) =>
      subscriptions.listen({ request, principal: undefined, body, endSignal, onEnd, maxUnreadBytes: 1024 });
    return { listen, handlers, ends: () => ends };
  }

  test("beyond the limit are refused under the request's id until one has ended", async () => {
    const { listen, ends } = createListening(undefined, 1);
    const first = await listen();
    const refused = await listen();
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("5");
    expect(await refused.json()).toMatchObject({
      id: 7,
      error: { data: { reason: "too_many_subscriptions" } },
    });
    expect(ends()).toBe(1);
    await first.body?.cancel();
    expect(ends()).toBe(2);
    const second = await listen();
    expect(second.status).toBe(200);
    await second.body?.cancel();
  });

  test("that end at once, or were over before they began, count as ended", async () => {
    const { listen, handlers, ends } = createListening();
    expect(await (await listen(AbortSignal.abort())).text()).toBe(":\n\n");
    expect(handlers.closed()).toBe(1);
    expect(ends()).toBe(1);
  });

  test("that are over are forgotten", async () => {
    const { listen, handlers } = createListening();
    const stop = new AbortController();
    await (await listen(stop.signal)).body?.cancel();
    stop.abort();
    expect(handlers.closed()).toBe(0);
  });

  test("that are refused or fail count as ended", async () => {
    const refusing = createListening(() => Response.json({}), 1);
    for (let time = 1; time <= 3; time++) {
      expect((await refusing.listen()).status).toBe(200);
      expect(refusing.ends()).toBe(time);
    }
    const failing = createListening(() => {
      throw new Error("broken");
    }, 1);
    for (let time = 1; time <= 3; time++) {
      await expect(failing.listen()).rejects.toThrow("broken");
      expect(failing.ends()).toBe(time);
    }
  });
});
