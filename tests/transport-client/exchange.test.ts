import { describe, expect, test } from "bun:test";
import { AsyncLocalStorage } from "node:async_hooks";
import { createServer } from "node:net";
import { sendAuthorized } from "../../lib/transport/client/authorize.ts";
import { Exchange } from "../../lib/transport/client/exchange.ts";
import { Operation } from "../../lib/transport/client/operation.ts";
import { failureOf } from "./settled.ts";

const limits = { idleTimeoutMs: 10_000, maxTimeMs: 10_000 };

function createExchange(endpoint: string, nowMs: () => number = () => 0) {
  const operations = new AsyncLocalStorage<Operation>();
  const clock = { nowMs };
  const exchange = new Exchange({
    endpoint: new URL(endpoint),
    tokens: undefined,
    isPinned: false,
    operations,
    clock,
  });
  return { exchange, operations };
}

test("nothing is sent to another origin than the endpoint's", async () => {
  const { exchange } = createExchange("http://127.0.0.1:1/mcp");
  const error = await failureOf(exchange.fetch("http://127.0.0.1:2/mcp", { method: "POST" }));
  expect(error.code).toBe("untrusted_destination");
});

test("a stream that nobody waits for is not taken up again", async () => {
  const { exchange, operations } = createExchange("http://127.0.0.1:1/mcp");
  const operation = new Operation({ subject: "x", hasEffects: true }, limits);
  operation.finish();
  const init = { method: "GET", headers: { "last-event-id": "1" } };
  const inside = await operations.run(operation, () => exchange.fetch("http://127.0.0.1:1/mcp", init));
  const outside = await exchange.fetch("http://127.0.0.1:1/mcp", init);
  expect([inside.status, outside.status]).toEqual([405, 405]);
});

test("without tokens an Authorization header that is already there goes", async () => {
  const { signal } = new AbortController();
  const headers = new Headers({ authorization: "Bearer x" });
  let sent: Headers | undefined;
  await sendAuthorized({ headers, signal }, undefined, async (given) => {
    sent = given;
    return new Response();
  });
  expect(sent?.has("authorization")).toBe(false);
});

describe("a call on a connection that was idle", () => {
  test.each([
    [3000, 1],
    [5000, 2],
  ])("for %d ms makes it %d connections", async (idleMs, expected) => {
    let connections = 0;
    const body = '{"jsonrpc":"2.0","id":1,"result":{}}';
    const answer = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    const server = createServer((socket) => {
      connections++;
      socket.on("error", () => {});
      socket.on("data", () => socket.write(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/mcp`;
    let nowMs = 0;
    const { exchange, operations } = createExchange(url, () => nowMs);
    const operation = new Operation({ subject: "x", hasEffects: true }, limits);
    const send = (method: string) => {
      const message = JSON.stringify({ jsonrpc: "2.0", id: 1, method });
      return operations.run(operation, () => exchange.fetch(url, { method: "POST", body: message }));
    };
    await (await send("tools/list")).text();
    nowMs += idleMs;
    await (await send("tools/call")).text();
    operation.finish();
    server.close();
    expect(connections).toBe(expected);
  });
});
