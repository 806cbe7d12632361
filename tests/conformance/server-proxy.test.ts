import { describe, expect, test } from "bun:test";
import { startBearerProxy } from "./server-proxy.ts";

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Upstream {
  readonly port: number;
  readonly requests: readonly Seen[];
  [Symbol.asyncDispose](): Promise<void>;
}

function startUpstream(answer: (request: Request) => Response | Promise<Response>): Upstream {
  const requests: Seen[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const { method, url, headers } = request;
      requests.push({ method, url, headers: Object.fromEntries(headers) });
      return answer(request);
    },
  });
  return { port: server.port ?? 0, requests, [Symbol.asyncDispose]: () => server.stop(true) };
}

const token = "a-token";

function toResponse(pieces: AsyncGenerator<string>): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
  });
  return new Response(body);
}

describe("the proxy that signs the suite in", () => {
  test("adds the token and leaves host, origin and everything else as they came", async () => {
    await using upstream = startUpstream(
      () => new Response("no", { status: 418, headers: { "x-answer": "1" } }),
    );
    await using proxy = await startBearerProxy({ port: upstream.port, token });
    const answer = await fetch(`${proxy.url}?a=b`, {
      method: "DELETE",
      headers: { host: "evil.example.com", origin: "http://evil.example.com", "mcp-session-id": "s" },
    });
    expect([answer.status, answer.headers.get("x-answer"), await answer.text()]).toEqual([418, "1", "no"]);
    const [request] = upstream.requests;
    expect([request?.method, request?.url]).toEqual(["DELETE", "http://evil.example.com/mcp?a=b"]);
    expect(request?.headers).toMatchObject({
      authorization: `Bearer ${token}`,
      host: "evil.example.com",
      origin: "http://evil.example.com",
      "mcp-session-id": "s",
    });
  });

  test("passes a stream on piece by piece", async () => {
    const seen = Promise.withResolvers<void>();
    await using upstream = startUpstream((request) =>
      toResponse(
        (async function* () {
          yield await request.text();
          await seen.promise;
          yield "second";
        })(),
      ),
    );
    await using proxy = await startBearerProxy({ port: upstream.port, token });
    const { body } = await fetch(proxy.url, { method: "POST", body: "first" });
    const pieces: string[] = [];
    for await (const piece of body ?? []) {
      pieces.push(new TextDecoder().decode(piece));
      seen.resolve();
    }
    expect(pieces).toEqual(["first", "second"]);
  });

  test("hangs up on the server when the client does", async () => {
    const gone = Promise.withResolvers<void>();
    await using upstream = startUpstream(({ signal }) => {
      signal.addEventListener("abort", () => gone.resolve(), { once: true });
      return toResponse(
        (async function* () {
          yield "open";
          await gone.promise;
        })(),
      );
    });
    await using proxy = await startBearerProxy({ port: upstream.port, token });
    const client = new AbortController();
    const { body } = await fetch(proxy.url, { signal: client.signal });
    const reader = body?.getReader();
    await reader?.read();
    client.abort();
    await gone.promise;
    expect(upstream.requests).toHaveLength(1);
  });
});
